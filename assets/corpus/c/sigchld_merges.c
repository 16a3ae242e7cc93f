#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <signal.h>

/* While it is blocked, SIGCHLD merges: many deaths, one run of the handler. */
volatile int runs;

void handler(int number) {
    runs++;
}

int main(void) {
    signal(SIGCHLD, handler);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (int i = 0; i < 5; i++) {
        pid_t pid = fork();
        if (pid == 0)
            _exit(0);
        waitpid(pid, NULL, 0);
    }
    sigset_t pending;
    sigpending(&pending);
    printf("pending %d, runs %d\n", sigismember(&pending, SIGCHLD), runs);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    printf("runs %d\n", runs);
    return 0;
}
