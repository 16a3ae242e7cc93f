#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <string.h>

/* A shell of a few lines: read, fork, exec, wait. */
#define MAX_ARGS 8

int main(void) {
    char line[100];
    char *argv[MAX_ARGS + 1];
    while (printf("$ "), fflush(stdout), fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        int argc = 0;
        for (char *word = strtok(line, " "); word && argc < MAX_ARGS; word = strtok(NULL, " "))
            argv[argc++] = word;
        argv[argc] = NULL;
        if (argc == 0)
            continue;
        if (strcmp(argv[0], "exit") == 0)
            return argc > 1 ? atoi(argv[1]) : 0;
        pid_t pid = fork();
        if (pid == 0) {
            execvp(argv[0], argv);
            perror(argv[0]);
            _exit(127);
        }
        int status;
        waitpid(pid, &status, 0);
        if (WIFEXITED(status) && WEXITSTATUS(status))
            printf("[%d]\n", WEXITSTATUS(status));
    }
    return 0;
}
