import errno
import os

try:
    os.wait()
except ChildProcessError as error:
    print(error)
    print(error.errno == errno.ECHILD, error.strerror, error.args)
    print(repr(error))

try:
    os.waitpid(1, os.WNOHANG)
except OSError as error:
    print(type(error).__name__)
