#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <errno.h>
#include <string.h>

/* Nobody to wait for: no child, only a grandchild, twice. */
int main(void) {
    if (wait(NULL) == -1)
        perror("no child");
    pid_t child = fork();
    if (child == 0) {
        if (fork() == 0)
            exit(1);
        wait(NULL);
        exit(2);
    }
    waitpid(child, NULL, 0);
    errno = 0;
    pid_t again = waitpid(child, NULL, 0);
    fprintf(stderr, "again: %d %s\n", again, strerror(errno));
    printf("%d\n", errno);
    return 0;
}
