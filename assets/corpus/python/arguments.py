import sys

if __name__ == "__main__":
    print(len(sys.argv), sys.argv[1:])
    total = 0
    for word in sys.argv[1:]:
        try:
            total += int(word)
        except ValueError as error:
            print(error)
    sys.exit(total)
