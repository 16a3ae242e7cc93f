#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <signal.h>

/* A handler blocks its own signal, and sa_mask more. */
void put(const char *text) {
    while (*text)
        write(1, text++, 1);
}

void handler(int n) {
    put(n == SIGUSR1 ? "<1" : "<2");
    if (n == SIGUSR1) {
        raise(SIGUSR1);
        raise(SIGUSR2);
        signal(SIGUSR1, SIG_DFL);
        signal(SIGUSR1, SIG_IGN);
    }
    put(">");
}

int main(void) {
    struct sigaction sa;
    sa.sa_handler = handler;
    sa.sa_flags = 0;
    sigemptyset(&sa.sa_mask);
    sigaction(SIGUSR2, &sa, NULL);
    sigaddset(&sa.sa_mask, SIGUSR2);
    sigaction(SIGUSR1, &sa, NULL);
    raise(SIGUSR1);
    put("\n");
    return 0;
}
