#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

/* scanf reads numbers, in parent and child. */
int main(void) {
    int n, x, sum = 0;
    printf("how many? ");
    if (scanf("%d", &n) != 1)
        return 1;
    for (int i = 0; i < n; i++) {
        scanf("%d", &x);
        sum += x;
    }
    printf("sum %d\n", sum);
    long l;
    char c, word[10];
    int got = scanf(" %c %ld,%9s", &c, &l, word);
    printf("%d %c %ld %s\n", got, c, l, word);
    printf("%d\n", scanf("%d", &x));
    return 0;
}
