#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <errno.h>
#include <string.h>

/* WNOHANG has three different answers. */
int main(void) {
    int gate[2], status;
    char c;
    pipe(gate);
    pid_t pid = fork();
    if (pid == 0) {
        close(gate[1]);
        read(gate[0], &c, 1);
        _exit(4);
    }
    close(gate[0]);
    printf("%d\n", waitpid(pid, &status, WNOHANG));
    close(gate[1]);
    pid_t got;
    while ((got = waitpid(pid, &status, WNOHANG)) == 0)
        usleep(1000);
    printf("%d %d\n", got == pid, WEXITSTATUS(status));
    got = waitpid(pid, &status, WNOHANG);
    printf("%d %s\n", got, errno == ECHILD ? "ECHILD" : strerror(errno));
    return 0;
}
