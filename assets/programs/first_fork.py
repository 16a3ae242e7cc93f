import os

print("one process")

pid = os.fork()

print("I am", os.getpid(),
      "and got", pid)
