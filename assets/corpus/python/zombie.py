# A child that has ended is a zombie until it is waited for: kill finds it, and then does not.
import os

r, w = os.pipe()
pid = os.fork()
if pid == 0:
    os._exit(0)
os.close(w)
os.read(r, 1)
os.kill(pid, 0)
print("still there")
with open(f"/proc/{pid}/stat") as file:
    print(file.read().split()[2])
os.waitpid(pid, 0)
try:
    os.kill(pid, 0)
except OSError as error:
    print(error)
