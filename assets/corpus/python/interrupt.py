# An interrupt that nobody catches ends the process by the signal itself.
import os
import signal

pid = os.fork()
if pid == 0:
    try:
        os.kill(os.getpid(), signal.SIGINT)
        signal.pause()
    finally:
        print("finally", flush=True)
_, status = os.waitpid(pid, 0)
print(os.WIFSIGNALED(status), os.WTERMSIG(status))
