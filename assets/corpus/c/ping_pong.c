#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

/* Two pipes, one for each direction. */
int main(void) {
    int down[2], up[2];
    pipe(down);
    pipe(up);
    if (fork() == 0) {
        close(down[1]);
        close(up[0]);
        int number;
        while (read(down[0], &number, sizeof(int)) == sizeof(int)) {
            number *= 2;
            write(up[1], &number, sizeof(int));
        }
        _exit(0);
    }
    close(down[0]);
    close(up[1]);
    for (int i = 1; i <= 3; i++) {
        int answer;
        write(down[1], &i, sizeof i);
        read(up[0], &answer, sizeof answer);
        printf("%d -> %d\n", i, answer);
    }
    close(down[1]);
    wait(NULL);
    return 0;
}
