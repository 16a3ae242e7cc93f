# Parent and child share the offset of a file that was open before fork.
import os

fd = os.open("data", os.O_RDWR | os.O_CREAT, 0o600)
os.write(fd, b"0123456789")
os.lseek(fd, 0, os.SEEK_SET)
pid = os.fork()
if pid == 0:
    print("child", os.read(fd, 3))
    raise SystemExit(0)
os.waitpid(pid, 0)
print("parent", os.read(fd, 3), os.lseek(fd, 0, os.SEEK_CUR))
os.close(fd)
try:
    os.read(fd, 1)
except OSError as error:
    print(error)
