#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <fcntl.h>

/* Redirection stands between fork and exec. */
int main(void) {
    pid_t pid = fork();
    if (pid == 0) {
        int fd = open("out.txt", O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (fd == -1) {
            perror("open");
            _exit(1);
        }
        dup2(fd, STDOUT_FILENO);
        close(fd);
        execlp("echo", "echo", "to the file", NULL);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    int fd = open("out.txt", O_RDONLY);
    char text[64];
    ssize_t n = read(fd, text, sizeof text);
    printf("%ld bytes: %.*s", (long)n, (int)n, text);
    return 0;
}
