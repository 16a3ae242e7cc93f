# An exception that a handler raises comes out of the interrupted call.
import os
import signal


def too_late(number, frame):
    raise TimeoutError("too late")


signal.signal(signal.SIGALRM, too_late)
r, w = os.pipe()
signal.alarm(1)
try:
    os.read(r, 1)
except TimeoutError as error:
    print(error)
print(signal.alarm(0))
try:
    os.kill(os.getpid(), signal.SIGINT)
    for i in range(1000):
        pass
except KeyboardInterrupt:
    print("interrupted")
