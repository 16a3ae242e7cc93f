table = {"one": 1, "two": 2}
table["three"] = 3
table["one"] += 10
print(table, len(table), table["two"], table.get("four"), table.get("four", 4), "one" in table, "x" not in table)
for key in table:
    print(key, end=" ")
for key, value in table.items():
    print(f"{key}={value}", end=" ")
print(list(table.keys()), list(table.values()), sorted(table), table.items())
print(table.pop("two"), table.pop("two", None), table)
del table["three"]
print(table, {}, bool({}), {1: "a", (1, 2): "b", None: "c", True: "d"})
table.update({"a": 1, "b": 2})
print(table.setdefault("a", 5), table.setdefault("c", 6), table)
squares = {n: n * n for n in range(4)}
print(squares, {v: k for k, v in squares.items()}, dict([("x", 1), ("y", 2)]), dict(squares) == squares)
nested = {"list": [1, 2], "dict": {"k": "v"}}
nested["list"].append(3)
nested["dict"]["k"] = [nested["list"]]
print(nested, sum(squares.values()), max(squares, key=lambda n: -n), max(squares.values()))
counts = {}
for letter in "banana":
    counts[letter] = counts.get(letter, 0) + 1
print(counts, sorted(counts.items(), key=lambda pair: pair[1], reverse=True))
seen = set()
seen.add(3)
seen.add(3)
seen.discard(9)
print(len(seen), 3 in seen, seen, sorted({3, 1, 2}), set() == set(), {1, 2} == {2, 1}, len({1, 1.0, True}))
try:
    print(table["missing"])
except KeyError as error:
    print(error, repr(error), error.args)
try:
    {}[[]] = 1
except TypeError as error:
    print(error)
try:
    for key in squares:
        squares[key + 10] = 0
except RuntimeError as error:
    print(error)
