import os

for run in range(3):
    pid = os.fork()
    if pid == 0:
        if run == 0:
            os.execlp("echo", "echo", "hello", "from", "execlp")
        if run == 1:
            os.execvp("sh", ["sh", "-c", "exit 7"])
        os.execv("/bin/echo", ("echo", "execv"))
    _, status = os.waitpid(pid, 0)
    print("code", os.waitstatus_to_exitcode(status), flush=True)
pid = os.fork()
if pid == 0:
    os.execve("/bin/sh", ["sh", "-c", "echo $GREETING"], {"GREETING": "good day"})
os.wait()
