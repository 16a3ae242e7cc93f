import os
import sys

children = {}
for name in ["a", "b", "c", "d"]:
    pid = os.fork()
    if pid == 0:
        sys.exit(ord(name) - ord("a"))
    children[pid] = name

codes = {}
while children:
    pid, status = os.wait()
    codes[children.pop(pid)] = os.WEXITSTATUS(status)
for name, code in sorted(codes.items()):
    print(f"{name}: {code}")
print(len(children), codes["c"], "d" in codes, "e" not in codes)
