#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

/* Scopes, statics, pointers to functions, sorting. */
static int counter(void) {
    static int value = 10;
    return value++;
}

int apply(int (*f)(int, int), int a, int b) { return f(a, b); }
int add(int a, int b) { return a + b; }
int mul(int a, int b) { return a * b; }

void sort(int *v, int n) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j + 1 < n - i; j++)
            if (v[j] > v[j + 1]) {
                int t = v[j];
                v[j] = v[j + 1];
                v[j + 1] = t;
            }
}

int main(void) {
    int x = 1;
    {
        int x = 2;
        x++;
        printf("%d ", x);
    }
    printf("%d\n", x);
    counter();
    if (fork() == 0) {
        counter();
        exit(counter());
    }
    int status;
    wait(&status);
    printf("%d %d\n", WEXITSTATUS(status), counter());
    int (*f)(int, int) = mul;
    printf("%d %d\n", apply(add, 3, 4), apply(f, 3, 4));
    int v[] = {5, 2, 9, 1};
    sort(v, 4);
    for (int i = 0; i < 4; i++)
        printf("%d%c", v[i], i < 3 ? ',' : '\n');
    return 0;
}
