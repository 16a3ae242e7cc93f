# Each process has variables of its own, lists and dicts too.
import os

number = 1
items = [1, 2, 3]
table = {"key": [0]}


def change(by):
    global number
    number += by
    items.append(by)
    table["key"][0] = by


pid = os.fork()
if pid == 0:
    change(10)
    print("child ", number, items, table)
else:
    os.wait()
    change(20)
    print("parent", number, items, table)
