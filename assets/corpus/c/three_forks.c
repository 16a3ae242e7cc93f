#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

/* n forks in a row make 2^n processes: each writes one byte. */
int main(void) {
    int fds[2];
    pipe(fds);
    pid_t first = getpid();
    fork();
    fork();
    fork();
    write(fds[1], "x", 1);
    while (wait(NULL) > 0)
        ;
    if (getpid() != first)
        _exit(0);
    close(fds[1]);
    char byte;
    int count = 0;
    while (read(fds[0], &byte, 1) == 1)
        count++;
    printf("%d processes, %d new\n", count, count - 1);
    return 0;
}
