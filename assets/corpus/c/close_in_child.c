#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

/* close in the child closes only the child's. */
int main(void) {
    int fds[2];
    char c = '?';
    pipe(fds);
    if (fork() == 0) {
        close(fds[0]);
        int failed = read(fds[0], &c, 1);
        printf("child: %d\n", failed);
        if (failed < 0)
            perror("read");
        exit(0);
    }
    wait(NULL);
    write(fds[1], "!", 1);
    read(fds[0], &c, 1);
    printf("parent: %c\n", c);
    return 0;
}
