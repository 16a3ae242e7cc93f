# _exit leaves what is in the buffer behind.
import os
import sys

print("a whole line")
print("half a line", end="")
pid = os.fork()
if pid == 0:
    print(" from the child", end="")
    os._exit(0)
os.waitpid(pid, 0)
print()
sys.stdout.flush()
sys.stdout.write("the last words")
if os.fork() == 0:
    sys.stdout.flush()
    os._exit(0)
os.wait()
os._exit(0)
