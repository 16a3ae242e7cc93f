#include <stdio.h>
/* C leaves the order of operands open; this is what gcc makes of it. */
int g = 1;
long l = 1;

int f(void) {
    g += 10;
    l += 10;
    return 1;
}

int main(void) {
    int *p = &g;
    printf("%d\n", g + f());
    printf("%d\n", g * f());
    printf("%d\n", g - f());
    printf("%d\n", f() + g);
    printf("%d\n", g < f());
    printf("%d\n", (g) + f());
    printf("%ld\n", l + f());
    printf("%ld\n", l - f());
    printf("%d\n", *p + f());
    int a = 3;
    printf("%d\n", a + f());
    static int s;
    s = s + f();
    printf("%d\n", s);
    g = g + f();
    printf("%d\n", g);
    g = f() - g;
    printf("%d\n", g);
    g += f() + g;
    printf("%d\n", g);
    int arr[3] = {1, 2, 3};
    int i = 0;
    arr[i] = i + f();
    printf("%d\n", arr[0]);
    g ^= f();
    g <<= 1;
    printf("%d %d\n", g, g == f());
    printf("%d\n", g + g * f());
    printf("%d\n", g + 1 + f());
    int t = g, u = (g > 3 && f()) + g;
    printf("%d %d\n", t, u - g);
    printf("%d %d %d\n", g, f(), g);
    printf("%d\n", g & (f() + 255));
    return 0;
}
