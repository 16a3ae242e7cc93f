import os

to_child = os.pipe()
to_parent = os.pipe()
pid = os.fork()
if pid == 0:
    os.close(to_child[1])
    os.close(to_parent[0])
    while True:
        message = os.read(to_child[0], 64)
        if message == b"":
            break
        os.write(to_parent[1], str(int(message) + 1).encode())
    os._exit(0)
os.close(to_child[0])
os.close(to_parent[1])
number = 1
for _ in range(3):
    os.write(to_child[1], str(number).encode())
    number = int(os.read(to_parent[0], 64)) * 2
    print("got", number)
os.close(to_child[1])
print(os.waitpid(pid, 0)[1])
