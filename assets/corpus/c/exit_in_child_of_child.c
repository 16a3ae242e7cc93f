#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

/* exit from deep within ends the process all the same. */
void inner(int n) {
    if (n == 0) {
        printf("leaving\n");
        exit(11);
    }
    inner(n - 1);
    printf("never\n");
}

int main(void) {
    int status;
    pid_t pid;
    if ((pid = fork()) < 0) {
        perror("fork");
        return EXIT_FAILURE;
    } else if (pid == 0) {
        inner(5);
    }
    while (waitpid(pid, &status, 0) != pid)
        continue;
    printf("%s with %d\n", WIFEXITED(status) ? "exited" : "killed", WEXITSTATUS(status));
    return EXIT_SUCCESS;
}
