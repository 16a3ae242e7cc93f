print(7 / 2, 7 // 2, -7 // 2, 7 % 3, -7 % 3, 7 % -3, 2 ** 10, 2 ** -1, 7.5 // 2, -7.5 % 2, 1e3)
print(10 & 6, 10 | 6, 10 ^ 6, ~10, 1 << 4, 256 >> 3, -1 >> 1, 0x1f, 0o17, 0b101, 1_000)
print(True + True, True == 1, False or 0, 0 or "", 1 and 2, not 0, None or "default", 5 and 0)
print(1 == 1.0, 0.1 + 0.2, 1e308 * 10, 5 // 0.3, 3 * 1.5, 2 - 0.5, -3 ** 2, (-3) ** 2, 4 ** 0.5)
print(9223372036854775807, -9223372036854775807 - 1, 3037000499 * 3037000499)
n = 10
n += 5
n -= 3
n *= 2
n //= 5
n **= 3
n %= 7
n <<= 4
n |= 1
n ^= 3
n &= 0xff
n >>= 1
print(n)
n /= 4
print(n, int(n), bool(n), float(3), int("42") + 1)
print(1 if n > 2 else 2, (1, 2) if True else 3, n is None, n is not None)
print(1 < 2 == True, 1 == 1 != 2, not 1 == 2, 1 in (1, 2) == True)
print(max(1, 5, 3), min(2.5, 1), sum(range(101)), len(range(0, 10, 3)), list(range(5, 0, -2)), range(3), 4 in range(0, 10, 2))
i = 0
while True:
    i += 1
    if i == 3:
        continue
    if i > 5:
        break
    print(i, end=" ")
else:
    print("never")
while i < 8:
    i += 1
else:
    print("else", i)
for k in range(2):
    for m in range(3):
        if m == 1:
            break
        print(k, m, end="; ")
    else:
        print("not here")
print()
if i < 5:
    print("less")
elif i == 8:
    print("eight")
else:
    print("more")
try:
    print(1 // 0)
except ZeroDivisionError as error:
    print(error)
try:
    print(1 % 0)
except ZeroDivisionError as error:
    print(error)
try:
    print(1.0 / 0)
except ZeroDivisionError as error:
    print(error)
try:
    print(1 << -1)
except ValueError as error:
    print(error)
try:
    print(-"a")
except TypeError as error:
    print(error)
try:
    print(1 < "a")
except TypeError as error:
    print(error)
assert 1 + 1 == 2, "arithmetic works"
try:
    assert 1 == 2, "it does not"
except AssertionError as error:
    print("assert:", error)
a = b = 3
a: int = 4
print(a, b, (c := 5), c)
pass
x = 1; y = 2; print(x + y)
del x
try:
    print(x)
except NameError as error:
    print(error)
