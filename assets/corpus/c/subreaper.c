#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <sys/prctl.h>

/* A subreaper adopts its grandchild and reaps it. */
int main(void) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t middle = fork();
    if (middle == 0) {
        if (fork() == 0) {
            while (getppid() == middle)
                usleep(1000);
            _exit(9);
        }
        _exit(1);
    }
    int status, count = 0, sum = 0;
    while (wait(&status) > 0) {
        count++;
        sum += WEXITSTATUS(status);
    }
    printf("%d reaped, %d\n", count, sum);
    return 0;
}
