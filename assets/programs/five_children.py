import os

for i in range(5):
    if os.fork() == 0:
        print("child", i, flush=True)
        os._exit(0)

print("parent closes")
