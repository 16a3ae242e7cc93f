#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

/* Each process makes one child and waits for it. */
int main(void) {
    int depth = 0;
    while (depth < 4) {
        pid_t pid = fork();
        if (pid > 0)
            break;
        depth++;
    }
    int status, code = 0;
    if (wait(&status) > 0)
        code = WEXITSTATUS(status) + 1;
    printf("depth %d, below %d\n", depth, code);
    return code;
}
