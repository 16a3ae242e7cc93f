# What is in a file's buffer is copied by fork, too, and written by whoever flushes it.
import os

file = open("log.txt", "w")
file.write("before fork\n")
pid = os.fork()
if pid == 0:
    file.write("child\n")
    file.close()
    os._exit(0)
os.wait()
file.write("parent\n")
file.close()
with open("log.txt") as file:
    print(file.read(), end="")

file = open("log.txt", "w")
file.write("lost by the child, written by the parent\n")
if os.fork() == 0:
    os._exit(0)
os.wait()
file.flush()
if os.fork() == 0:
    raise SystemExit(0)
os.wait()
with open("log.txt") as again:
    print(again.read(), end="")
file.write("written at the end")
