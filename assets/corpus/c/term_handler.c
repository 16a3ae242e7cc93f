#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <signal.h>
#include <string.h>

/* A handler for SIGTERM, and a death by it without one. */
volatile sig_atomic_t asked;

void on_term(int signo) { asked = signo; }

int main(void) {
    int ready[2], status;
    char c;
    pipe(ready);
    sigset_t set, old;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    for (int round = 0; round < 2; round++) {
        pid_t pid = fork();
        if (pid == 0) {
            sigprocmask(SIG_BLOCK, &set, &old);
            if (round == 0)
                signal(SIGTERM, on_term);
            write(ready[1], "r", 1);
            while (!asked)
                sigsuspend(&old);
            printf("asked by %d\n", asked);
            exit(3);
        }
        read(ready[0], &c, 1);
        kill(pid, SIGTERM);
        waitpid(pid, &status, 0);
        if (WIFEXITED(status))
            printf("exit %d\n", WEXITSTATUS(status));
        else
            printf("killed by %d (%s)\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
    }
    return 0;
}
