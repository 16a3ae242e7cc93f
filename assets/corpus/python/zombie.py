# A child that has ended is a zombie until it is waited for: kill finds it, and then does not.
import os

pid = os.fork()
if pid == 0:
    os._exit(0)
state = ""
while state != "Z":
    with open(f"/proc/{pid}/stat") as file:
        state = file.read().split()[2]
os.kill(pid, 0)
print("still there")
os.waitpid(pid, 0)
try:
    os.kill(pid, 0)
except OSError as error:
    print(error)
