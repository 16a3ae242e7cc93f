#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <string.h>
#include <ctype.h>

/* fgets and getchar: lines, and what fits. */
int main(void) {
    char line[12];
    while (fgets(line, sizeof(line), stdin)) {
        size_t len = strlen(line);
        int complete = len > 0 && line[len - 1] == '\n';
        if (complete)
            line[--len] = 0;
        for (char *p = line; *p; p++)
            *p = toupper(*p);
        printf("%zu %d %s\n", len, complete, line);
        if (len == 0)
            break;
    }
    int c, count = 0;
    while ((c = getchar()) != EOF)
        count += isdigit(c) ? 1 : 0;
    printf("%d digits\n", count);
    return 0;
}
