#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <string.h>

/* The string functions of textbooks. */
int main(void) {
    char a[32] = "fork", b[32];
    strcpy(b, a);
    strcat(b, "+");
    strcat(b, "exec");
    printf("%s %zu %d\n", b, strlen(b), strcmp(a, b) < 0);
    char text[] = "one two,three";
    for (char *t = strtok(text, " ,"); t != NULL; t = strtok(NULL, " ,"))
        printf("[%s]", t);
    printf("\n");
    int n = snprintf(a, 6, "%s-%d", "process", 42);
    printf("%d %s\n", n, a);
    sprintf(a, "%03d|%-4s|%4s|%c", 7, "ab", "cd", 'x');
    puts(a);
    memset(a, '*', 5);
    a[5] = '\0';
    puts(a);
    char *copy = strdup("copy");
    copy[0] = 'C';
    printf("%s %s %d\n", copy, strchr(copy, 'p'), strncmp("abc", "abd", 2));
    free(copy);
    char *literal = "adjacent " "literals\t\x41\101";
    fputs(literal, stdout);
    putchar('\n');
    char pad[8];
    strncpy(pad, "hi", sizeof pad);
    printf("%d %d\n", atoi("  -12x"), pad[7]);
    char *rest;
    long number = strtol(" 42 left", &rest, 10);
    printf("%ld%s\n", number, rest);
    return 0;
}
