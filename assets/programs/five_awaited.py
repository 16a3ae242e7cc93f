import os

pids = []
for i in range(5):
    pid = os.fork()
    if pid == 0:
        print("child", i, flush=True)
        os._exit(0)
    pids.append(pid)

for pid in pids:
    os.waitpid(pid, 0)

print("parent closes last")
