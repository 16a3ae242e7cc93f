# The ends of a pipe as file objects.
import os

r, w = os.pipe()
pid = os.fork()
if pid == 0:
    os.close(r)
    out = os.fdopen(w, "w")
    print("hello", "from", "the child", file=out)
    out.write("a second line\nand a third")
    out.close()
    os._exit(0)
os.close(w)
with os.fdopen(r) as lines:
    print(repr(lines.readline()))
    for line in lines:
        print("line:", line.rstrip("\n"))
    print(repr(lines.readline()), lines.closed)
print(lines.closed)
os.wait()
