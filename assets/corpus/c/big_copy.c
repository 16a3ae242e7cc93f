#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <string.h>

/* Memory from malloc is copied too. */
int main(void) {
    size_t size = 100000;
    char *block = malloc(size);
    memset(block, 'a', size);
    if (fork() == 0) {
        memset(block, 'b', size / 2);
        printf("child %c %c\n", block[0], block[size - 1]);
        exit(0);
    }
    wait(NULL);
    printf("parent %c %c\n", block[0], block[size - 1]);
    int *numbers = calloc(10, sizeof(int));
    printf("%d\n", numbers[9]);
    free(numbers);
    free(block);
    return 0;
}
