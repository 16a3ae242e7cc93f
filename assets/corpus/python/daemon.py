# A double fork: the grandchild is nobody's child any more and leads no session.
import os

r, w = os.pipe()
pid = os.fork()
if pid == 0:
    os.setsid()
    if os.fork() > 0:
        os._exit(0)
    os.chdir("/")
    os.umask(0o022)
    os.close(r)
    os.write(w, b"daemon ")
    os.write(w, str(os.getsid(0) != os.getpid()).encode())
    os._exit(0)
os.waitpid(pid, 0)
os.close(w)
data = b""
while piece := os.read(r, 100):
    data += piece
print(data.decode())
