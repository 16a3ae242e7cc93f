#include <stdio.h>
#include <unistd.h>

int main(void) {
    printf("one process\n");

    pid_t pid = fork();

    printf("I am %d, got %d\n",
           getpid(), pid);
    return 0;
}
