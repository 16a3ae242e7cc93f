#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <sys/stat.h>

/* The double fork of a daemon: PPID, PGID and SID at each step. */
int main(void) {
    int report[2];
    pipe(report);
    pid_t child = fork();
    if (child == 0) {
        pid_t sid = setsid();
        int leads = sid == getpid() && getpgrp() == getpid();
        pid_t leader = getpid();
        if (fork() > 0)
            _exit(0);
        while (getppid() == leader)
            usleep(1000);
        umask(0);
        chdir("/");
        int numbers[3];
        numbers[0] = leads;
        numbers[1] = getsid(0) == leader;
        numbers[2] = getpid() != getsid(0);
        write(report[1], numbers, sizeof numbers);
        _exit(0);
    }
    int numbers[3], status;
    waitpid(child, &status, 0);
    close(report[1]);
    read(report[0], numbers, sizeof numbers);
    printf("%d: %d %d %d\n", status, numbers[0], numbers[1], numbers[2]);
    return 0;
}
