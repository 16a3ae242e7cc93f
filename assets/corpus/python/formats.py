name, number, price = "pid", 4102, 3.14159
print(f"{name}={number} {price:.2f} {number:6d}|{number:<6}|{number:^8}|{number:06d}|{number:,}|{number:x}|{number:#o}|{number:b}")
print(f"{name:>6}|{name:<6}|{name:^7}|{name:*^9}|{name!r}|{name!s}|{name:.2}")
width, places = 8, 3
print(f"{price:{width}.{places}f}|{name:{width}}|{number = }|{name=}|{price=:.1f}")
print(f"{{braces}} {1 + 2 * 3} {[n * n for n in range(3)]} {'nested'} {number if number > 5 else 0}")
print("%s is %d, %5d|%-5d|%05d|%x|%X|%o|%c|%%|%r" % (name, number, 42, 42, 42, 255, 255, 8, 65, name))
print("%.3f|%8.2f|%e|%g|%s|%5s|%-5s|" % (price, price, price, 1e10, [1], "ab", "ab"))
print("%d%%" % 50, "%s" % "one", "%s %s" % (1, (2, 3)), "%d" % 3.9, "%i" % True)
print("{} and {}".format(1, "two"), "{1} {0}".format("a", "b"), "{name}: {n:>4}".format(name="x", n=7))
print("{:<5}|{:>5}|{:^5}|{:+d}|{:.1f}|{:5.1f}".format("a", "b", "c", 5, 2.55, 1.25))
print(1.0, 0.1, 1e100, 1e-7, 123456789.123, 1 / 3, 2 / 1, 1e16, 100000.0, -0.0, float("inf"), float("nan"))
print(round(2.5), round(3.5), round(2.675, 2), round(-1.5), round(7), abs(-3), abs(2.5), int(3.99), int(-3.99))
print(hex(255), oct(8), bin(5), int("ff", 16), int("0b11", 2), int(" 12 "), float("1.5"), int(True))
print(f"{True} {None} {True:5} {12345.678:,.2f} {0.5:%} {1e6:g} {255:02x} {-5:04d} {3:+} {2.0:g}")
print(f"{'a' 'b'}", f"{number}" "tail", "%-10s|" % "left", "%+d" % 5, "% d" % 5)
print(f'{"quoted"}', f"{len('abc')}", f"line\n{number}\ttab")
try:
    print("%d" % "x")
except TypeError as error:
    print(error)
try:
    print("%d %d" % (1,))
except TypeError as error:
    print(error)
try:
    print("%d" % (1, 2))
except TypeError as error:
    print(error)
try:
    print(f"{'x':d}")
except ValueError as error:
    print(error)
try:
    print("{} {}".format(1))
except IndexError as error:
    print(error)

for template in ("{} {1}", "{1} {}", "{1} {0}", "{:>3}{:<3}|"):
    try:
        print(template.format(1, 2))
    except ValueError as error:
        print("ValueError:", error)
