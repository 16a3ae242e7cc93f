import os as system
import sys, errno
from os import fork, wait, _exit, WEXITSTATUS as code_of
from signal import SIGTERM, Signals
from time import sleep

if fork() == 0:
    sleep(0)
    _exit(5)
pid, status = wait()
print(code_of(status), system.WIFEXITED(status), SIGTERM, SIGTERM.name, Signals(2).name, repr(SIGTERM))
print(errno.ECHILD, len(sys.argv), system.getpid() > 1, __name__)


def main():
    from os import getppid
    return getppid() > 0


if __name__ == "__main__":
    print(main())
