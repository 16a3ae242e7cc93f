#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

/* How many processes does fork() && fork() || fork() make? */
int main(void) {
    int fds[2];
    pipe(fds);
    pid_t root = getpid();
    fork() && fork() || fork();
    write(fds[1], ".", 1);
    while (wait(NULL) > 0) {}
    if (getpid() == root) {
        char c;
        int n = 0;
        close(fds[1]);
        for (; read(fds[0], &c, 1) == 1; ++n);
        printf("%d\n", n);
    }
    return 0;
}
