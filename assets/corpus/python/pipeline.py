# echo | tr | cat, each in a process of its own.
import os
import sys

commands = [["echo", "three words here"], ["tr", "a-z", "A-Z"], ["cat"]]
before = None
pids = []
sys.stdout.flush()
for index, command in enumerate(commands):
    last = index == len(commands) - 1
    if not last:
        r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        if before is not None:
            os.dup2(before, 0)
        if not last:
            os.dup2(w, 1)
        os.execvp(command[0], command)
    pids.append(pid)
    if before is not None:
        os.close(before)
    if not last:
        os.close(w)
        before = r
for pid in pids:
    _, status = os.waitpid(pid, 0)
    print(os.WEXITSTATUS(status), end=" ")
print()
