# Python makes an interrupted call again after the handler has run.
import os
import signal

seen = 0


def handler(number, frame):
    global seen
    seen += 1


signal.signal(signal.SIGUSR1, handler)
r, w = os.pipe()
parent = os.getpid()
pid = os.fork()
if pid == 0:
    for _ in range(2):
        os.kill(parent, signal.SIGUSR1)
    signal.alarm(1)
    try:
        signal.signal(signal.SIGALRM, lambda number, frame: None)
        signal.pause()
    finally:
        os._exit(5)
print(os.waitpid(pid, 0)[1] >> 8, seen > 0)
