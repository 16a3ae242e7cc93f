#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <signal.h>
#include <errno.h>
#include <string.h>

/* A pipe that nobody reads ends its writer, or gives EPIPE. */
int main(void) {
    int fds[2], status;
    pipe(fds);
    close(fds[0]);
    if (fork() == 0) {
        write(fds[1], "x", 1);
        printf("never\n");
        exit(0);
    }
    wait(&status);
    printf("signal %d\n", WTERMSIG(status));
    signal(SIGPIPE, SIG_IGN);
    if (write(fds[1], "x", 1) == -1 && errno == EPIPE)
        printf("EPIPE\n");
    return 0;
}
