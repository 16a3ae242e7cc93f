counter = 0
LIMIT = 3


def add(a, b=2, c="x"):
    """Adds, and says so."""
    return a + b, c


def bump(by=1):
    global counter
    counter += by
    return counter


def nothing():
    pass


def many() -> tuple:
    return 1, "two", [3]


def fib(n: int) -> int:
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


def is_even(n):
    return True if n == 0 else is_odd(n - 1)


def is_odd(n):
    return False if n == 0 else is_even(n - 1)


def shadow(LIMIT):
    LIMIT += 1
    return LIMIT


def apply(function, values):
    return [function(value) for value in values]


print(add(1), add(1, 5), add(1, c="y"), add(b=1, a=1), add(*[1, 2, "z"]))
print(bump(), bump(5), counter, nothing(), many())
first, second, third = many()
print(first, second, third, fib(15), gcd(48, 36), is_even(10), is_odd(10))
print(shadow(LIMIT), LIMIT, apply(lambda n: n * n, range(4)), apply(str, [1, 2]), apply(add, [1]))
compute = fib
print(compute(10), (lambda: "called")(), (lambda a, b=3: a * b)(2))
table = {"inc": lambda n: n + 1, "dec": lambda n: n - 1}
print([table[name](10) for name in ("inc", "dec")])


def early(items):
    for item in items:
        if item < 0:
            return item
    return None


print(early([1, -2, 3]), early([]))
for call in [lambda: add(), lambda: add(1, 2, 3, 4), lambda: add(1, d=2), lambda: add(1, a=2), lambda: fib("a")]:
    try:
        call()
    except TypeError as error:
        print(error)


def unbound():
    print(LIMIT)
    LIMIT = 5


try:
    unbound()
except UnboundLocalError as error:
    print(error)
try:
    print(undefined_name)
except NameError as error:
    print(error)


def deep(n):
    return deep(n + 1)


try:
    deep(0)
except RecursionError as error:
    print(type(error).__name__)
