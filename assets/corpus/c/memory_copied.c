#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

/* A variable has two values at the same address. */
int global = 1;

int main(void) {
    int n = 10;
    int *where = &n;
    if (fork() == 0) {
        n = n + 1;
        global = 2;
        printf("child %d %d %d\n", n, global, where == &n);
        exit(0);
    }
    wait(NULL);
    printf("parent %d %d %d\n", n, global, *where);
    return 0;
}
