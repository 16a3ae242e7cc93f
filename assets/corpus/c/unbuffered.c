#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

/* Without a buffer there is nothing to be copied. */
int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    printf("once;");
    fork();
    wait(NULL);
    return 0;
}
