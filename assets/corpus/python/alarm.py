import os
import signal
import time

print(signal.alarm(10), signal.alarm(0) > 0)
ticks = 0


def tick(number, frame):
    global ticks
    ticks += 1


signal.signal(signal.SIGALRM, tick)
signal.alarm(1)
signal.pause()
print("ticks", ticks)
signal.alarm(1)
time.sleep(1.2)
print("ticks", ticks)
if os.fork() == 0:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(1)
    signal.pause()
print(os.waitstatus_to_exitcode(os.wait()[1]) == -signal.SIGALRM)
