#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

/* exit runs handlers and writes buffers; _exit does neither. */
void first(void) { printf("first registered\n"); }
void second(void) { printf("second registered\n"); }

int main(void) {
    atexit(first);
    atexit(second);
    printf("left in the buffer ");
    fflush(stdout);
    if (fork() == 0) {
        printf("lost");
        _exit(0);
    }
    wait(NULL);
    if (fork() == 0) {
        printf("written by the child\n");
        exit(0);
    }
    wait(NULL);
    return 0;
}
