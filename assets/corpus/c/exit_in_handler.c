#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <signal.h>

/* A handler that exits does not come back to the call that it interrupted. */
void leave(int signo) {
    printf("leaving at %d\n", signo == SIGUSR1);
    exit(5);
}

int main(void) {
    int fds[2], status;
    pipe(fds);
    pid_t pid = fork();
    if (pid == 0) {
        char c;
        signal(SIGUSR1, leave);
        write(fds[1], "r", 1);
        while (1)
            pause();
    }
    char c;
    read(fds[0], &c, 1);
    while (waitpid(pid, &status, WNOHANG) == 0) {
        kill(pid, SIGUSR1);
        usleep(10000);
    }
    printf("exit %d\n", WEXITSTATUS(status));
    if ((pid = fork()) == 0) {
        signal(SIGUSR1, leave);
        write(fds[1], "r", 1);
        int never[2];
        pipe(never);
        read(never[0], &c, 1);
        printf("never\n");
    }
    read(fds[0], &c, 1);
    while (waitpid(pid, &status, WNOHANG) == 0) {
        kill(pid, SIGUSR1);
        usleep(10000);
    }
    printf("exit %d\n", WEXITSTATUS(status));
    return 0;
}
