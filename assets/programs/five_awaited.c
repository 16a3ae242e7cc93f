#include <stdio.h>
#include <unistd.h>
#include <sys/wait.h>

int main(void) {
    pid_t pids[5];
    for (int i = 0; i < 5; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            printf("child %d\n", i);
            _exit(0);
        }
    }
    for (int i = 0; i < 5; i++)
        waitpid(pids[i], NULL, 0);
    printf("parent closes last\n");
    return 0;
}
