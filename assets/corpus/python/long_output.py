# More than the buffers hold, so that some of it is written before fork, and some after it.
import os

for i in range(700):
    print("line number", i)
pid = os.fork()
if pid == 0:
    os._exit(0)
os.wait()
print("x" * 5000)
print("y" * 9000, end="")
pid = os.fork()
if pid == 0:
    print("child")
    raise SystemExit
os.wait()
print("z" * 3000)
os._exit(1)
