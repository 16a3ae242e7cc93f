# A server that ends in order when it is told to.
import os
import signal
import sys

running = True


def stop(number, frame):
    global running
    running = False


r, w = os.pipe()
pid = os.fork()
if pid == 0:
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.write(w, b"ready")
    while running:
        signal.pause()
    print("cleaning up")
    sys.exit(0)
os.read(r, 5)
os.kill(pid, signal.SIGINT)
os.kill(pid, signal.SIGTERM)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
