#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

/* A tree by recursion; exit codes add up. */
static int tree(int depth) {
    if (depth == 0)
        return 1;
    int sum = 1;
    for (int i = 0; i < 2; i++) {
        pid_t pid = fork();
        if (pid == 0)
            _exit(tree(depth - 1));
        int status;
        waitpid(pid, &status, 0);
        sum += WEXITSTATUS(status);
    }
    return sum;
}

int main(void) {
    printf("%d nodes\n", tree(3));
    return 0;
}
