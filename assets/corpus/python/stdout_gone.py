# What cannot be written is an exception, and at the end the code 120.
import os
import sys

saved = os.dup(1)
r, w = os.pipe()
os.close(r)
os.dup2(w, 1)
try:
    print("lost", flush=True)
except BrokenPipeError as error:
    print("caught:", error, file=sys.stderr)
os.dup2(saved, 1)
sys.stdout.flush()
print("visible again", flush=True)
os.close(1)
print("this has nowhere to go")
