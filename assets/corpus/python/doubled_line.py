# Without a newline, or into a pipe, what was printed is in a buffer that fork copies.
import os

print("printed once or twice? ", end="")
pid = os.fork()
if pid == 0:
    print("child")
else:
    os.wait()
    print("parent")
