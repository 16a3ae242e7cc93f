#include <stdio.h>
#include <unistd.h>

int main(void) {
    printf("one process\n");

    pid_t pid = fork();

    printf("fork() gave %d to %d\n",
           pid, getpid());
    return 0;
}
