import os

pid = os.fork()
if pid == 0:
    print("child", os.getpid(),
          "of", os.getppid())
else:
    print("parent", os.getpid(),
          "of", pid)
