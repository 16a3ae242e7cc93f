# A shell of a few lines.
import os
import sys


def run(words):
    pid = os.fork()
    if pid == 0:
        try:
            os.execvp(words[0], words)
        except FileNotFoundError:
            print(f"{words[0]}: not found", file=sys.stderr)
            os._exit(127)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


while True:
    try:
        line = input("$ ")
    except EOFError:
        break
    words = line.split()
    if not words:
        continue
    if words[0] == "exit":
        break
    code = run(words)
    if code != 0:
        print("code", code)
print("bye")
