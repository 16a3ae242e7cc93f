#include <stdio.h>
#include <unistd.h>

int main(void) {
    pid_t pid = fork();
    if (pid < 0) {
        perror("fork");
        return 1;
    } else if (pid == 0) {
        printf("child %d of %d\n",
               getpid(), getppid());
    } else {
        printf("parent %d of %d\n",
               getpid(), pid);
    }
    return 0;
}
