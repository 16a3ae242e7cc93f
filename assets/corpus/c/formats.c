#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <limits.h>

/* What printf makes of numbers. */
int main(void) {
    printf("%d %i %5d|%-5d|%05d|%+d|% d\n", 1, -2, 3, 4, 5, 6, 7);
    printf("%u %x %X %o %#x %#o\n", 4000000000u, 255, 255, 8, 255, 8);
    printf("%ld %lu %lld %hd %hhu %zu\n", LONG_MAX, 1ul, -5ll, 70000, 300, sizeof(long));
    printf("%c%c %% %s %.2s %10s|%-10s|\n", 'o', 'k', "text", "cut", "right", "left");
    printf("%*d %.*s %.3d\n", 6, 42, 2, "abc", 7);
    printf("%d %d\n", INT_MAX, INT_MIN);
    printf("%s\n", NULL == 0 ? "null" : "not");
    int written = printf("%p\n", (void *)0);
    printf("%d\n", written);
    fprintf(stderr, "to the error stream %d\n", 1);
    dprintf(1, "");
    return 0;
}
