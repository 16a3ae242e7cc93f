import os
import signal

pid = os.fork()
if pid == 0:
    os.kill(os.getpid(), signal.SIGSTOP)
    os._exit(1)
_, status = os.waitpid(pid, os.WUNTRACED)
print(os.WIFSTOPPED(status), os.WSTOPSIG(status) == signal.SIGSTOP, hex(status))
try:
    os.waitstatus_to_exitcode(status)
except ValueError as error:
    print(error)
os.kill(pid, signal.SIGCONT)
_, status = os.waitpid(pid, os.WCONTINUED)
if os.WIFCONTINUED(status):
    _, status = os.waitpid(pid, 0)
print(os.WEXITSTATUS(status))
os.kill(os.getpid(), 0)
try:
    os.kill(pid, 0)
except ProcessLookupError as error:
    print("gone:", error)
