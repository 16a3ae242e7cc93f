#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

/* vfork lends its memory until the child execs or ends. */
int main(void) {
    pid_t pid = vfork();
    if (pid == 0) {
        execlp("true", "true", NULL);
        _exit(127);
    }
    int status;
    waitpid(pid, &status, 0);
    printf("%d\n", WEXITSTATUS(status));
    if ((pid = vfork()) == 0)
        _exit(6);
    wait(&status);
    printf("%d\n", WEXITSTATUS(status));
    return 0;
}
