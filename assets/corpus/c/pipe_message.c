#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <string.h>

/* The child reads to the end of file, which needs every write end closed. */
int main(void) {
    int fds[2];
    char buffer[8];
    if (pipe(fds) < 0)
        return 1;
    if (fork() == 0) {
        close(fds[1]);
        ssize_t n;
        while ((n = read(fds[0], buffer, sizeof(buffer) - 1)) > 0) {
            buffer[n] = '\0';
            printf("[%s]", buffer);
        }
        printf(" end %zd\n", n);
        exit(0);
    }
    close(fds[0]);
    const char *text = "a message longer than the buffer";
    write(fds[1], text, strlen(text));
    close(fds[1]);
    wait(NULL);
    return 0;
}
