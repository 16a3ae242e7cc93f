# Each process forks the next and waits for it.
import os
import sys

DEPTH = 4


def descend(level):
    if level == DEPTH:
        print("bottom at", level)
        sys.stdout.flush()
        os._exit(level)
    pid = os.fork()
    if pid == 0:
        descend(level + 1)
        os._exit(99)
    _, status = os.waitpid(pid, 0)
    print("level", level, "reaped", os.WEXITSTATUS(status))
    sys.stdout.flush()
    if level > 0:
        os._exit(level)


descend(0)
