# What wait tells of each way to end.
import os
import signal
import sys
import time


def exits():
    sys.exit(3)


def exits_at_once():
    os._exit(4)


def says_why():
    sys.exit("a message")


def raises():
    raise RuntimeError("nobody caught this")


def returns():
    return None


def killed():
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


def aborts():
    os.abort()


for way in [exits, exits_at_once, says_why, raises, returns, killed, aborts]:
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        way()
        sys.exit()
    pid, status = os.waitpid(pid, 0)
    if os.WIFEXITED(status):
        print("code", os.WEXITSTATUS(status), os.waitstatus_to_exitcode(status))
    elif os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        print("signal", signal.Signals(number).name, signal.strsignal(number), os.waitstatus_to_exitcode(status))
