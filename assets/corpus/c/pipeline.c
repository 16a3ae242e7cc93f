#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

/* echo | tr, as a shell builds it. */
int main(void) {
    int fds[2];
    pipe(fds);
    if (fork() == 0) {
        dup2(fds[1], 1);
        close(fds[0]);
        close(fds[1]);
        execlp("echo", "echo", "pipes join processes", NULL);
        _exit(127);
    }
    if (fork() == 0) {
        dup2(fds[0], 0);
        close(fds[0]);
        close(fds[1]);
        char *argv[3];
        argv[0] = "tr";
        argv[1] = "a-z";
        argv[2] = "A-Z";
        execlp(argv[0], argv[0], argv[1], argv[2], NULL);
        _exit(127);
    }
    close(fds[0]);
    close(fds[1]);
    while (wait(NULL) > 0);
    printf("done\n");
    return 0;
}
