#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

/* The environment of an exec is what the call gives. */
int main(void) {
    char *argv[] = {"sh", "-c", "echo $GREETING $0; exit 5", NULL};
    char *envp[] = {"GREETING=hello", NULL};
    pid_t pid = fork();
    if (!pid) {
        execve("/bin/sh", argv, envp);
        _exit(127);
    }
    int status;
    waitpid(pid, &status, 0);
    return WEXITSTATUS(status);
}
