# Python ignores SIGPIPE, so that a write to nobody raises.
import os
import signal

print(signal.getsignal(signal.SIGPIPE) == signal.SIG_IGN)
r, w = os.pipe()
os.close(r)
try:
    os.write(w, b"nobody reads this")
except BrokenPipeError as error:
    print(error.errno, error.strerror)

signal.signal(signal.SIGPIPE, signal.SIG_DFL)
pid = os.fork()
if pid == 0:
    os.write(w, b"nor this")
    os._exit(0)
print(os.waitstatus_to_exitcode(os.wait()[1]))
