import os
import signal

caught = []


def handler(number, frame):
    caught.append(number)
    print("handler", number, signal.Signals(number).name)


old = signal.signal(signal.SIGUSR1, handler)
print(old, old == signal.SIG_DFL)
os.kill(os.getpid(), signal.SIGUSR1)
signal.raise_signal(signal.SIGUSR1)
print(caught, len(caught))
print(signal.signal(signal.SIGUSR1, signal.SIG_IGN) == handler)
os.kill(os.getpid(), signal.SIGUSR1)
print(signal.getsignal(signal.SIGUSR1), repr(signal.SIGUSR1), int(signal.SIGUSR1), str(signal.SIGUSR1))
try:
    signal.signal(signal.SIGKILL, handler)
except OSError as error:
    print(error)
try:
    signal.signal(100, handler)
except ValueError as error:
    print(error)
