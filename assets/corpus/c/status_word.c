#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <signal.h>

/* The sixteen bits of the status word. */
static void show(int status) {
    printf("%d = 0x%04x: ", status, status);
    if (WIFEXITED(status))
        printf("exited %d\n", WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        printf("signal %d\n", WTERMSIG(status));
    else if (WIFSTOPPED(status))
        printf("stopped %d\n", WSTOPSIG(status));
    else if (WIFCONTINUED(status))
        printf("continued\n");
}

int main(void) {
    int status;
    if (fork() == 0)
        exit(7);
    wait(&status);
    show(status);
    pid_t pid = fork();
    if (pid == 0) {
        while (1)
            pause();
    }
    kill(pid, SIGSTOP);
    waitpid(pid, &status, WUNTRACED);
    show(status);
    kill(pid, SIGCONT);
    waitpid(pid, &status, WCONTINUED);
    show(status);
    kill(pid, SIGTERM);
    waitpid(pid, &status, 0);
    show(status);
    return 0;
}
