#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <fcntl.h>

/* The offset of an open file is shared after fork. */
int main(void) {
    int fd = open("data.txt", O_RDWR | O_CREAT | O_TRUNC, 0644);
    write(fd, "abcdefgh", 8);
    lseek(fd, 0, SEEK_SET);
    char buf[4] = {0};
    if (fork() == 0) {
        read(fd, buf, 3);
        printf("child reads %s\n", buf);
        exit(0);
    }
    wait(NULL);
    read(fd, buf, 3);
    printf("parent reads %s, at %ld\n", buf, (long)lseek(fd, 0, SEEK_CUR));
    close(fd);
    unlink("data.txt");
    return 0;
}
