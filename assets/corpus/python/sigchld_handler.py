import os
import signal

reaped = []


def reap(number, frame):
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        reaped.append(os.WEXITSTATUS(status))


signal.signal(signal.SIGCHLD, reap)
for code in range(1, 4):
    if os.fork() == 0:
        os._exit(code)
    while len(reaped) < code:
        pass
print(sorted(reaped))
