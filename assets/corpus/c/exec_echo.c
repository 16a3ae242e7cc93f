#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

/* exec keeps the process and replaces the program: the line after it never runs. */
int main(void) {
    printf("before\n");
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        execlp("echo", "echo", "hello", "world", (char *)NULL);
        printf("never\n");
        exit(1);
    }
    int status;
    wait(&status);
    printf("echo ended with %d\n", WEXITSTATUS(status));
    return 0;
}
