import os

pid = os.fork()
if pid == 0:
    print("child")
else:
    pid2, status = os.wait()
    print("parent", pid == pid2, status)
