#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <signal.h>
#include <errno.h>
#include <string.h>

/* An ignored SIGCHLD leaves no zombies and no status. */
int main(void) {
    signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < 3; i++)
        if (fork() == 0)
            _exit(i);
    int status = 42;
    pid_t pid = wait(&status);
    printf("%d %d %d\n", pid, errno == ECHILD, status);
    return 0;
}
