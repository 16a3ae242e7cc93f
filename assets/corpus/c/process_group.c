#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <signal.h>

/* One kill reaches a whole group. */
int main(void) {
    int ready[2];
    pipe(ready);
    pid_t group = 0;
    for (int i = 0; i < 3; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            setpgid(0, group);
            write(ready[1], "r", 1);
            while (1)
                pause();
        }
        if (group == 0)
            group = pid;
        char c;
        read(ready[0], &c, 1);
        if (getpgid(pid) == group)
            printf("in the group\n");
    }
    kill(-group, SIGKILL);
    int status, ended = 0;
    while (waitpid(-group, &status, 0) > 0)
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
            ended++;
    printf("%d ended\n", ended);
    return 0;
}
