items = [3, 1, 2]
items.append(5)
items.extend([4, 4])
items.insert(0, 9)
items.insert(-1, 8)
print(items, len(items), items[0], items[-1], items[1:3], items[::-1], items[::2])
print(items.pop(), items.pop(0), items, items.index(5), items.count(8))
items.remove(8)
items.sort()
print(items, sorted(items, reverse=True), min(items), max(items), sum(items))
items.reverse()
print(items, 3 in items, 7 in items, items + [0], [0] * 3, items == [5, 4, 3, 2, 1])
items[0] = 50
items[-1] += 10
del items[1]
print(items)
other = items
other.append("shared")
copy = items.copy()
copy.append("own")
print(items, copy, list("abc"), list(range(3)), list((1, 2)))
rows = [[0] * 2 for _ in range(2)]
rows[0][1] = 7
print(rows, [[1, 2], [3]][0][1])
a, b = 1, 2
a, b = b, a
(c, d), e = (3, 4), 5
print(a, b, c, d, e)
x = y = []
x.append(1)
print(y, x is not None, [] == [], not [])
for i, value in enumerate(["a", "b"], 1):
    print(i, value, end=" ")
for left, right in zip([1, 2, 3], "xy"):
    print(left, right, end=" ")
for value in reversed([1, 2, 3]):
    print(value, end=" ")
print()
print([n for n in range(10) if n % 3 == 0], [(i, j) for i in range(2) for j in range(2) if i != j])
print(sorted(["pear", "fig", "apple"], key=len), sorted([(2, "b"), (1, "z"), (2, "a")]), max(["aa", "b"], key=len))
print(any(n > 2 for n in [1, 2, 3]), all([1, "", 2]), any([]), all([]), list(map(str, [1, 2])), list(map(lambda n: n * 2, [1, 2])))
print(tuple([1, 2]), (1,), (), (1, 2) + (3,), (1, 2)[1], len((1, 2)), (1, 2) < (1, 3))
print([1, 2] < [1, 2, 3], [1, 2] == [1, 2], 1 < 2 < 3, 1 < 3 < 2, 3 > 2 >= 2 != 1)
values = [1, 2, 3, 4]
for value in values:
    if value == 2:
        values.append(99)
    if value == 99:
        break
else:
    print("never")
print(values, values.clear(), values)
numbers = [5, 3]
numbers += [1]
numbers *= 2
print(numbers, divmod(17, 5), pow(2, 10), sum([0.5, 1]))
try:
    print(numbers[10])
except IndexError as error:
    print(error)
try:
    numbers.remove(77)
except ValueError as error:
    print(error)
try:
    [].pop()
except IndexError as error:
    print(error)
try:
    a, b = [1, 2, 3]
except ValueError as error:
    print(error)
try:
    a, b = (1,)
except ValueError as error:
    print(error)
try:
    for n in 5:
        pass
except TypeError as error:
    print(error)
try:
    len(5)
except TypeError as error:
    print(error)
try:
    [1, "a"].sort()
except TypeError as error:
    print(error)
