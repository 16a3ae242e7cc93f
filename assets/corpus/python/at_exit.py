import atexit
import os


def first():
    print("first registered")


def second():
    print("second registered")


atexit.register(first)
atexit.register(second)
pid = os.fork()
if pid == 0:
    os._exit(0)
os.wait()
print("main ends", flush=True)
if os.fork() == 0:
    print("child")
    raise SystemExit(2)
print(os.waitstatus_to_exitcode(os.wait()[1]))
