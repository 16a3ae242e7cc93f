# A traceback names every call on the way.
import os


def inner(n):
    if n == 0:
        os.waitpid(-1, 0)
    inner(n - 1)


def outer():
    inner(2)


print("before")
outer()
print("after")
