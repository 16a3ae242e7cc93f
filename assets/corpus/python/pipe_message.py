import os

r, w = os.pipe()
pid = os.fork()
if pid == 0:
    os.close(r)
    for word in ("one", "two", "three"):
        os.write(w, word.encode() + b"\n")
    os.close(w)
    os._exit(0)
os.close(w)
data = b""
while True:
    piece = os.read(r, 4)
    if not piece:
        break
    data += piece
os.close(r)
os.waitpid(pid, 0)
print(data)
print(data.decode().split())
