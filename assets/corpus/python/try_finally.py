def check(number):
    try:
        print("try", number)
        if number == 0:
            return "returned"
        if number == 1:
            raise ValueError("one")
        if number == 2:
            raise KeyError("two")
        print("end of try")
    except ValueError as error:
        print("caught", error)
        return "from except"
    except (KeyError, IndexError) as error:
        print("caught", repr(error), error)
        raise TypeError("other") from error
    else:
        print("else")
    finally:
        print("finally", number)
    return "end"


for number in range(4):
    try:
        print(check(number))
    except TypeError as error:
        print("outside:", error)

for i in range(3):
    try:
        if i == 1:
            continue
        if i == 2:
            break
        print("round", i)
    finally:
        print("cleanup", i)
else:
    print("never")


def nested():
    for i in range(2):
        for j in range(2):
            try:
                try:
                    if j == 1:
                        return i, j
                finally:
                    print("inner", i, j)
            finally:
                print("outer", i, j)


print(nested())

try:
    try:
        1 / 0
    finally:
        print("on the way")
except ZeroDivisionError as error:
    print(error)

try:
    try:
        raise OSError(2, "gone")
    except OSError:
        print("again")
        raise
except FileNotFoundError as error:
    print(error, error.errno)
