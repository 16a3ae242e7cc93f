#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

/* The parent ends first; its child gets another one. */
int main(void) {
    int gone[2], told[2];
    pipe(gone);
    pipe(told);
    pid_t middle = fork();
    if (middle == 0) {
        if (fork() == 0) {
            char c;
            close(gone[1]);
            read(gone[0], &c, 1);
            int moved = getppid() != middle && getppid() != 0;
            write(told[1], moved ? "moved" : "stays", 6);
            _exit(0);
        }
        _exit(0);
    }
    close(gone[0]);
    waitpid(middle, NULL, 0);
    close(gone[1]);
    char word[6];
    read(told[0], word, sizeof word);
    printf("%s\n", word);
    return 0;
}
