#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <signal.h>
#include <errno.h>
#include <string.h>

/* A handler interrupts a read, or does not, as SA_RESTART has it. */
void tick(int signo) {}

void attempt(int flags) {
    struct sigaction sa = { .sa_handler = tick, .sa_flags = flags };
    sigemptyset(&sa.sa_mask);
    sigaction(SIGUSR1, &sa, NULL);
    int fds[2];
    char c = 0;
    pipe(fds);
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        /* Whenever the parent gets to its read, another signal comes. */
        for (int i = 0; flags == 0 || i < 5; i++) {
            usleep(10000);
            kill(parent, SIGUSR1);
        }
        write(fds[1], "d", 1);
        _exit(0);
    }
    int n = read(fds[0], &c, 1);
    int error = errno;
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) == -1)
        ;
    if (n == -1)
        printf("interrupted: %d\n", error == EINTR);
    else
        printf("read %c\n", c);
}

int main(void) {
    attempt(0);
    attempt(SA_RESTART);
    return 0;
}
