# Standard output goes to a file, and back.
import os
import sys

print("to the screen", flush=True)
saved = os.dup(1)
fd = os.open("out.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
os.dup2(fd, 1)
os.close(fd)
print("to the file")
pid = os.fork()
if pid == 0:
    os.write(1, b"the child, too\n")
    sys.stdout.flush()
    os._exit(0)
os.wait()
sys.stdout.flush()
os.dup2(saved, 1)
os.close(saved)
with open("out.txt") as file:
    text = file.read()
print(text, end="")
os.unlink("out.txt")
try:
    open("out.txt")
except FileNotFoundError as error:
    print(error, "|", error.filename)
