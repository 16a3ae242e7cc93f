import os
import sys

print("first", flush=True)
sys.stdout.write("second\n")
sys.stdout.flush()
print("to stderr", file=sys.stderr)
sys.stderr.write("half")
for i in range(2):
    if os.fork() == 0:
        print("child", i, flush=True)
        os._exit(i)
    print("reaped", os.waitstatus_to_exitcode(os.wait()[1]))
print(" done", file=sys.stderr)
