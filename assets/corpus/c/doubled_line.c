#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

/* What waits in the buffer is copied by fork. */
int main(void) {
    printf("line\n");
    printf("no newline;");
    fork();
    wait(NULL);
    return 0;
}
