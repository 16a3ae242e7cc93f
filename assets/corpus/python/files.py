with open("notes.txt", "w") as file:
    count = file.write("first line\n")
    print("second", "line", file=file)
    file.writelines(["third\n", "no newline"])
    print(count, file.name, file.mode, file.closed)
print(file.closed)
file = open("notes.txt")
print(file.read(5), repr(file.readline()), repr(file.readline()))
print(file.readlines(), repr(file.read()), repr(file.readline()))
file.close()
file.close()
try:
    file.read()
except ValueError as error:
    print(error)
with open("notes.txt", "a") as file:
    file.write("\nappended")
with open("notes.txt", encoding="utf-8") as file:
    for number, line in enumerate(file.readlines(), 1):
        print(number, line.rstrip())
try:
    open("notes.txt", "x")
except FileExistsError as error:
    print(error)
with open("notes.txt", "r") as lines, open("copy.txt", "w") as copy:
    for line in lines:
        copy.write(line.upper())
with open("copy.txt") as file:
    print(file.read().split("\n"))
try:
    with open("notes.txt") as file:
        raise RuntimeError("inside")
except RuntimeError as error:
    print(error, file.closed)
