import os
import sys

try:
    pid = os.fork()
except OSError as error:
    print("fork:", error.strerror)
    sys.exit(1)

if pid == 0:
    print("child of",
          os.getppid())
else:
    print("parent of", pid)
