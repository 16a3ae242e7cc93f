#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <signal.h>
#include <errno.h>
#include <string.h>

/* SA_NOCLDWAIT: children leave nothing behind. */
int main(void) {
    struct sigaction sa;
    sa.sa_handler = SIG_DFL;
    sa.sa_flags = SA_NOCLDWAIT;
    sigemptyset(&sa.sa_mask);
    sigaction(SIGCHLD, &sa, NULL);
    if (fork() == 0)
        _exit(1);
    printf("%d %d\n", wait(NULL), errno == ECHILD);
    return 0;
}
