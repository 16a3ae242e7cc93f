#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

/* Eight bits of an exit code are left. */
int code_of(int code) {
    pid_t pid = fork();
    if (pid == 0)
        _exit(code);
    int status;
    waitpid(pid, &status, 0);
    return WEXITSTATUS(status);
}

int main(void) {
    int codes[] = {0, 7, 255, 256, 259, -1};
    for (unsigned i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        printf("exit(%d) arrives as %d\n", codes[i], code_of(codes[i]));
    return 259;
}
