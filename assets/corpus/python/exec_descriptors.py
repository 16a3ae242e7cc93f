# Descriptors are closed by exec, unless dup2 made them.
import os

r, w = os.pipe()
for inheritable in (True, False):
    pid = os.fork()
    if pid == 0:
        os.dup2(w, 9, inheritable)
        os.execl("/bin/sh", "sh", "-c", "echo kept 2>/dev/null >&9 || echo closed")
    os.wait()
os.write(w, b".")
print(os.read(r, 100))
