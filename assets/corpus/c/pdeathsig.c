#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <signal.h>
#include <sys/prctl.h>

/* A child that asked for it dies with its parent. */
int main(void) {
    int ready[2], alive[2];
    char c;
    pipe(ready);
    pipe(alive);
    pid_t middle = fork();
    if (middle == 0) {
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            write(ready[1], "r", 1);
            while (1)
                pause();
        }
        read(ready[0], &c, 1);
        _exit(0);
    }
    close(alive[1]);
    waitpid(middle, NULL, 0);
    printf("%d\n", (int)read(alive[0], &c, 1));
    return 0;
}
