#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <signal.h>

/* alarm ends the sleep of its process, and a handler sees it. */
void ring(int signo) {
    const char text[] = "ring\n";
    write(1, text, sizeof(text) - 1);
}

int main(void) {
    signal(SIGALRM, ring);
    alarm(1);
    unsigned left = sleep(10);
    printf("some time is left: %d\n", left >= 8);
    int status;
    if (fork() == 0) {
        signal(SIGALRM, SIG_DFL);
        alarm(1);
        for (;;)
            pause();
    }
    wait(&status);
    printf("%d\n", WTERMSIG(status) == SIGALRM);
    return 0;
}
