import os

print("one process")

pid = os.fork()

print("fork() gave", pid,
      "to", os.getpid())
