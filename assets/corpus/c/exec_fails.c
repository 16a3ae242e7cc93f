#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <errno.h>
#include <string.h>

/* An exec that fails returns. */
int main(void) {
    if (fork() == 0) {
        char *argv[] = {"nothing", NULL};
        execvp(argv[0], argv);
        int error = errno;
        perror(argv[0]);
        _exit(error == ENOENT ? 127 : 126);
    }
    int status;
    wait(&status);
    printf("%d\n", WEXITSTATUS(status));
    return execl("/etc/passwd", "passwd", NULL) == -1 && errno == EACCES;
}
