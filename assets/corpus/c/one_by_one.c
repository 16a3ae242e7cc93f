#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

/* fork and wait within the loop run the children one after the other. */
static void work(int number)
{
    for (int i = 0; i < 3; i++)
        printf("child %d, line %d\n", number, i);
}

int main(void) {
    int number;
    for (number = 1; number <= 3; number++) {
        switch (fork()) {
        case -1:
            perror("fork");
            return 1;
        case 0:
            work(number);
            exit(0);
        default:
            wait(0);
        }
    }
    puts("all ended");
}
