#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

/* A child that does not leave the loop forks on. */
#define ROUNDS 3

int main(void) {
    int fds[2];
    if (pipe(fds) == -1) {
        perror("pipe");
        exit(EXIT_FAILURE);
    }
    const pid_t root = getpid();
    for (int i = 0; i < ROUNDS; i++) {
        pid_t pid = fork();
        if (pid == 0)
            write(fds[1], &i, sizeof i);
    }
    while (waitpid(-1, NULL, 0) != -1) {
    }
    if (getpid() == root) {
        close(fds[1]);
        int round, seen[ROUNDS] = {0};
        while (read(fds[0], &round, sizeof(round)) > 0)
            seen[round]++;
        for (int i = 0; i < ROUNDS; i++)
            printf("round %d: %d\n", i, seen[i]);
    }
    return 0;
}
