# The grandchild outlives its parent, and gets another.
import os

r, w = os.pipe()
if os.fork() == 0:
    middle = os.getpid()
    go, gone = os.pipe()
    if os.fork() == 0:
        os.close(gone)
        os.read(go, 1)
        while os.getppid() == middle:
            pass
        os.write(w, b"adopted" if os.getppid() != middle else b"not adopted")
        os._exit(0)
    os._exit(0)
os.wait()
os.close(w)
print(os.read(r, 20).decode())
