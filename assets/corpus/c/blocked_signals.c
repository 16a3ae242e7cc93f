#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <signal.h>

/* A blocked signal pends, once. */
int count;
void handler(int n) { count += n == SIGUSR1 ? 1 : 100; }

int main(void) {
    struct sigaction sa = {0};
    sa.sa_handler = handler;
    sigaction(SIGUSR1, &sa, NULL);
    sigaction(SIGUSR2, &sa, 0);
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    raise(SIGUSR1);
    raise(SIGUSR1);
    raise(SIGUSR2);
    printf("%d\n", count);
    sigemptyset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    printf("%d\n", count);
    raise(SIGUSR1);
    printf("%d\n", count);
    return 0;
}
