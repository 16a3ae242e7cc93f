#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <signal.h>
#include <errno.h>
#include <string.h>

/* A zombie can be signalled and is not changed; after reaping there is nothing. */
int main(void) {
    int gate[2];
    char c;
    pipe(gate);
    pid_t pid = fork();
    if (pid == 0)
        _exit(5);
    close(gate[1]);
    read(gate[0], &c, 1);
    printf("kill gives %d\n", kill(pid, 0));
    int status;
    waitpid(pid, &status, 0);
    printf("status %d\n", WEXITSTATUS(status));
    if (kill(pid, 0) == -1)
        printf("%s\n", strerror(errno));
    return 0;
}
