#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

/* The child goes on after fork, and the parent waits for it. */
int main(void) {
    printf("before\n");
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        printf("child: fork gave %d\n", pid);
        return 3;
    }
    int status;
    pid_t ended = wait(&status);
    printf("parent: %d %d %d\n", ended == pid, WIFEXITED(status), WEXITSTATUS(status));
    return 0;
}
