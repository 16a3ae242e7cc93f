#include <stdio.h>
#include <unistd.h>

int main(void) {
    for (int i = 0; i < 5; i++) {
        if (fork() == 0) {
            printf("child %d\n", i);
            _exit(0);
        }
    }
    printf("parent closes\n");
    return 0;
}
