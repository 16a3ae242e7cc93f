#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <signal.h>

/* How a process ends that does what it must not. */
int zero;

static void die(int how) {
    int *nowhere = NULL;
    switch (how) {
    case 0:
        *nowhere = 1;
    case 1:
        zero = 7 / zero;
        break;
    case 2:
        abort();
    case 3:
        raise(SIGKILL);
    }
}

int main(void) {
    for (int how = 0; how < 4; how++) {
        int status;
        pid_t pid = fork();
        if (pid == 0) {
            die(how);
            _exit(0);
        }
        waitpid(pid, &status, 0);
        printf("%d: signal %d\n", how, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    }
    return 0;
}
