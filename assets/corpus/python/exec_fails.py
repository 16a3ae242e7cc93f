import os
import sys

try:
    os.execvp("no-such-program", ["no-such-program"])
except FileNotFoundError as error:
    print(error)
try:
    os.execv("/", ["/"])
except PermissionError as error:
    print(error)
try:
    os.execve("/nowhere", ["x"], {})
except OSError as error:
    print(type(error).__name__, error)
try:
    os.execv("/bin/true", [])
except ValueError as error:
    print(error)
pid = os.fork()
if pid == 0:
    try:
        os.execlp("not-there", "not-there")
    except OSError:
        print("no such command", file=sys.stderr)
        os._exit(127)
print(os.waitstatus_to_exitcode(os.wait()[1]))
