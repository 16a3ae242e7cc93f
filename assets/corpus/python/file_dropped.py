# Where nothing refers to a file any more, Python writes what it holds and closes it.
import os


def save(text):
    file = open("out.txt", "w")
    file.write(text)


def shown():
    file = open("out.txt")
    return file.read()


save("first\n")
print(shown(), end="")

file = open("out.txt", "a")
file.write("second\n")
number = file.fileno()
file = None
print(shown(), end="")
again = os.open("out.txt", os.O_RDONLY)
print(again == number)

files = [open("out.txt")]
names = {"log": files}
files = None
print(names["log"][0].read(), end="")

i = 0
while i < 3000:
    pair = [i, [i]]
    i += 1
print(pair, names["log"][0].closed)
