/* A program that means no good, in one of several ways. What it makes ends by itself after a minute, so that a test
 * that fails does no harm. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Clears the screen, rings, sets the title, turns letters upside down, asks what terminal it is, blinks. */
static const char CODES[] = "\033[2J\a\033]0;taken\a\033P+q544e\033\\\033c\302\233\065m\033[5mX\r\n\177\200\377";

/* Its own name and its arguments hold anything. */
static void names(char **argv) {
    static const char *const kinds[] = {
        "\033[2J\033[5m", ") R 1 1 (", "a\nb\tc\a", "\377\376\302", "\344\270\255\346\226\207\360\237\230\200",
        "\033]0;x\a", "\342\200\256rtl",
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (fork() == 0) {
            prctl(PR_SET_NAME, kinds[i]);
            if (i % 2) {
                execl(argv[0], kinds[i], "sleep", CODES, NULL);
            }
            sleep(60);
            _exit(0);
        }
    }
    while (wait(NULL) > 0) {
    }
}

/* As much as it is told to, in megabytes. */
static void flood(const char *megabytes) {
    for (long left = atol(megabytes) * 1024 * 1024; left > 0;) {
        ssize_t written = write(1, CODES, sizeof CODES - 1);
        if (written < 0) {
            _exit(1);
        }
        left -= written;
    }
    sleep(60);
}

/* Forks and forks: each makes the next, which leaves for a session of its own. */
static void bomb(void) {
    for (int n = 0; n < 20000 && fork() == 0; n++) {
        setsid();
    }
    sleep(60);
}

/* Hears nothing, holds nothing, and hangs in a pipe that is full. */
static void deaf(void) {
    for (int signal_number = 1; signal_number < 65; signal_number++) {
        signal(signal_number, SIG_IGN);
    }
    for (int fd = 0; fd < 1024; fd++) {
        close(fd);
    }
    clearenv();
    int ends[2];
    if (fork() == 0 && setsid() > 0 && fork() == 0 && pipe(ends) == 0) {
        static char page[4096];
        while (write(ends[1], page, sizeof page) > 0) {
        }
    }
    sleep(60);
}

int main(int argc, char **argv) {
    const char *how = argc > 1 ? argv[1] : "";
    if (!strcmp(how, "names")) {
        names(argv);
    } else if (!strcmp(how, "flood")) {
        flood(argv[2]);
    } else if (!strcmp(how, "bomb")) {
        bomb();
    } else if (!strcmp(how, "deaf")) {
        deaf();
    } else {
        sleep(60);
    }
    return 0;
}
