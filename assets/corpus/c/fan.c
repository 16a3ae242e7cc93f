#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

/* Children of one parent are awaited in the order of their birth. */
#define N 5

int main() {
    pid_t pids[N];
    int i, sum = 0;
    for (i = 0; i < N; i++)
        if ((pids[i] = fork()) == 0)
            exit(i * i);
    for (i = N - 1; i >= 0; --i) {
        int status = 0;
        if (waitpid(pids[i], &status, 0) != pids[i])
            perror("waitpid");
        sum += WEXITSTATUS(status);
        printf("%d: %d\n", i, WEXITSTATUS(status));
    }
    printf("sum %d\n", sum);
    return 0;
}
