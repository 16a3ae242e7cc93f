import sys

name = input("name? ")
count = int(input())
print("hello", name, count)
total = 0
for number in map(int, sys.stdin.readline().split()):
    total += number
print(total)
for line in sys.stdin:
    if line.strip() == "end":
        break
    print("line", len(line), repr(line))
print(sys.stdin.read().split())
try:
    input("more? ")
except EOFError as error:
    print("no more:", error)
