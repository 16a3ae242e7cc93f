#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <stdbool.h>

/* Operators, conversions, and what is left of numbers. */
enum color { RED, GREEN = 5, BLUE };
#define LIMIT 10
#define NEG (-3)

int total;

int side(int *count) { return ++*count; }

int grow(void) { return total += 10; }

int main(void) {
    int a = 7, b = -2;
    printf("%d %d %d %d %d\n", a / b, a % b, a << 2, b >> 1, a & b | 1 ^ 4);
    unsigned char c = 250;
    c += 10;
    short s = 40000;
    unsigned u = -1;
    printf("%d %d %u %d\n", c, s, u, u > 0);
    printf("%d %d\n", -1 < 1u, (char)200 < 0);
    int count = 0;
    int x = side(&count) && 0 && side(&count);
    int y = side(&count) || side(&count);
    printf("%d %d %d\n", x, y, count);
    int i = 3, j = i++ * 2;
    j -= --i;
    printf("%d %d %d\n", i, j, (i, j));
    printf("%d %d %d\n", BLUE, LIMIT * 2, NEG);
    long big = 2147483647;
    big = big + 1;
    int small = big;
    printf("%ld %d %ld\n", big, small, sizeof(big) * 8);
    a = b = 4;
    a <<= 1, b ^= 1;
    printf("%d %d %d %d\n", a, b, ~a, !a);
    int m[3][2] = {{1, 2}, {3}};
    int *p = &m[0][0];
    printf("%d %d %ld\n", *(p + 2), m[2][1], &m[1][0] - p);
    do {
        if (a-- == 6)
            break;
    } while (a);
    for (;;) {
        if (++a > 9)
            break;
        else
            continue;
    }
    printf("%d %s\n", a, a == 10 ? "ten" : "other");
    total += grow();
    total -= total + grow();
    printf("%d\n", total);
    bool flag = true;
    flag++;
    flag += 3;
    printf("%d %d\n", flag, (bool)4);
    return (a > 3) + 1;
}
