text = "Hello, World"
print(text.upper(), text.lower(), text.title(), text.capitalize(), len(text))
print(text[0], text[-1], text[2:5], text[:3], text[-5:], text[::2], text[::-1], text[8:2:-2])
print(text.split(", "), " a  b c ".split(), "a,b,,c".split(","), "a b c d".split(" ", 2), "one".split(None, 1))
print("-".join(["a", "b", "c"]), ",".join("xyz"), "".join(str(n) for n in range(4)))
print(text.replace("l", "L"), "aaa".replace("", "-"), text.find("World"), text.find("x"), text.index("o"))
print(text.startswith("Hell"), text.endswith(("x", "d")), "lo" in text, "z" not in text)
print("  pad ".strip() + "|", "xxhixx".strip("x"), "  left".lstrip(), "right  ".rstrip() + "|", "a\n".rstrip("\n"))
print("7".zfill(3), "-7".zfill(4), "ab".ljust(5) + "|", "ab".rjust(5), "ab".center(5, "*"), "abc".center(6, "."))
print("12".isdigit(), "1a".isdigit(), "ab".isalpha(), " ".isspace(), "".isdigit())
print("a\tb\\n", 'it''s', "it's", 'say "hi"', "both ' and \"")
print(repr("a\tb\n"), repr("it's"), repr('say "hi"'), repr("both ' and \""), repr("é\x00\x7f"))
print("count", "banana".count("a"), "banana".count("ana"), "lines\nof\ntext".splitlines())
print("a" * 3 + "b", 2 * "xy", "" * 5 == "", "abc" < "abd", "Z" < "a", "abc" == 'abc')
print(ord("a"), chr(98), chr(8364), "é".encode(), b"caf\xc3\xa9".decode(), len("é"))
print(b"bytes" + b"!", b"abc"[1], b"abc"[1:], len(b"\x00\xff"), b"it's", b'"', list(b"ab"))
print("""three
lines
here""")
print("joined " "together", r"raw\n", "tab\there", "\x41\u00e9\101")
for letter in "abc":
    print(letter, end=";")
print()
print("x" in ["x", "y"], str(3) + str(None) + str(True), str(1.5), str([1, "a", None]), str(("t",)), str({}))
try:
    "abc".index("z")
except ValueError as error:
    print(error)
try:
    print("abc"[3])
except IndexError as error:
    print(error)
try:
    "a" + 1
except TypeError as error:
    print(error)
try:
    1 + "a"
except TypeError as error:
    print(error)
try:
    int("x1")
except ValueError as error:
    print(error)
try:
    print("a" in 5)
except TypeError as error:
    print(error)
