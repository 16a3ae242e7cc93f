#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <signal.h>

/* sigwait takes a signal without a handler. */
int main(void) {
    sigset_t set;
    int number;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    pid_t parent = getpid();
    if (fork() == 0) {
        kill(parent, SIGUSR1);
        _exit(0);
    }
    int seen = 0;
    for (int i = 0; i < 2; i++) {
        sigwait(&set, &number);
        seen += number == SIGUSR1 ? 1 : number == SIGCHLD ? 10 : 100;
    }
    printf("%d\n", seen);
    return 0;
}
