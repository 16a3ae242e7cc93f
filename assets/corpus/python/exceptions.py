import errno
import os

for number in [errno.ENOENT, errno.EACCES, errno.EPERM, errno.EINTR, errno.EAGAIN, errno.EEXIST, errno.ESRCH,
               errno.EPIPE, errno.ECHILD, errno.EINVAL, errno.ENOTDIR, errno.EISDIR]:
    try:
        raise OSError(number, os.strerror(number))
    except OSError as error:
        print(type(error).__name__, error, error.errno == number)
try:
    raise OSError("only words")
except OSError as error:
    print(error, error.errno, error.args)
try:
    raise ValueError
except ValueError as error:
    print(repr(error), str(error) == "", error.args)
try:
    raise ValueError("several", 2)
except Exception as error:
    print(error, repr(error))
try:
    open("/no/such/file")
except IOError as error:
    print(error)
    print(error.filename, error.strerror)
try:
    os.open("/", os.O_WRONLY)
except IsADirectoryError as error:
    print(error)
try:
    os.close(77)
except OSError as error:
    print(error)
try:
    os.read(0, -1)
except OSError as error:
    print(error)
try:
    os.write(1, "text")
except TypeError as error:
    print(error)
print(isinstance(ValueError("x"), Exception), isinstance(3, int), isinstance(True, int), isinstance("s", (int, str)))


def risky(what):
    try:
        if what == "os":
            raise ProcessLookupError("gone")
        if what == "key":
            {}["k"]
        if what == "exit":
            raise SystemExit(3)
        if what == "int":
            raise KeyboardInterrupt
        return "fine"
    except OSError:
        return "os"
    except LookupError:
        return "lookup"
    except SystemExit as error:
        return "exit %s" % error.code
    except BaseException as error:
        return type(error).__name__


print([risky(what) for what in ("os", "key", "exit", "int", "")])
try:
    raise "text"
except TypeError as error:
    print(error)
try:
    try:
        raise ValueError("a")
    finally:
        raise KeyError("b")
except KeyError as error:
    print("only", error)
error = "the name"
try:
    raise ValueError
except ValueError as error:
    pass
try:
    print(error)
except NameError as why:
    print(why)
print((lambda: [n for n in range(3)])(), end="\n\n")
raise BlockingIOError(11, "the last word")
