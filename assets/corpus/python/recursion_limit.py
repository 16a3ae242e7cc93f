# The traceback of a recursion that does not end.


def down(n):
    return 1 + down(n + 1)


print("going down")
down(0)
