# Three forks make eight processes; each tells its parent how many it counted.
import os

processes = 1
for level in range(3):
    pid = os.fork()
    if pid == 0:
        processes = 1
    else:
        _, status = os.waitpid(pid, 0)
        processes += os.WEXITSTATUS(status)
        continue
    children = 0
    for below in range(level + 1, 3):
        pid = os.fork()
        if pid == 0:
            children = 0
            continue
        _, status = os.waitpid(pid, 0)
        children += os.WEXITSTATUS(status)
    os._exit(1 + children)
print(processes)
