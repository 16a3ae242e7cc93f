#include <stdio.h>
#include <unistd.h>

int main(void) {
    pid_t pid = fork();
    if (pid < 0) {
        perror("fork");
        return 1;
    } else if (pid == 0) {
        printf("child of %d\n",
               getppid());
    } else {
        printf("parent of %d\n",
               pid);
    }
    return 0;
}
