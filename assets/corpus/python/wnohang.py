import os

r, w = os.pipe()
pid = os.fork()
if pid == 0:
    os.close(w)
    os.read(r, 1)
    os._exit(9)
print(os.waitpid(pid, os.WNOHANG))
os.write(w, b"x")
while True:
    found, status = os.waitpid(-1, os.WNOHANG)
    if found:
        break
print(found == pid, os.WIFEXITED(status), os.WEXITSTATUS(status))
