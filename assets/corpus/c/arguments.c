#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <string.h>

/* argc and argv. */
int main(int argc, char *argv[]) {
    printf("%d\n", argc);
    for (int i = 1; i < argc; i++)
        printf("%s %zu\n", argv[i], strlen(argv[i]));
    printf("%d\n", argv[argc] == NULL);
    int n = argc > 1 ? atoi(argv[1]) : 1;
    while (n-- > 0)
        if (fork() == 0)
            exit(0);
    int reaped = 0;
    while (wait(NULL) != -1)
        reaped++;
    printf("%d\n", reaped);
    return 0;
}
