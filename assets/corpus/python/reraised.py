import sys

try:
    try:
        raise ValueError("first")
    except ValueError:
        raise RuntimeError("second")
except RuntimeError as error:
    print(error)

try:
    sys.exit(5)
except SystemExit as error:
    print("exit", error.code)

try:
    print("in")
    sys.exit("the end")
finally:
    print("finally runs")
