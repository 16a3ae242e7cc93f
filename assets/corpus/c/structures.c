#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

/* A list on the heap. */
struct node {
    int value;
    struct node *next;
};

typedef struct node Node;

static Node *push(Node *head, int value) {
    Node *node = malloc(sizeof *node);
    if (node == NULL)
        exit(1);
    node->value = value;
    node->next = head;
    return node;
}

int main(void) {
    Node *head = NULL;
    for (int i = 1; i <= 4; i++)
        head = push(head, i * i);
    if (fork() == 0) {
        head->value = 100;
        printf("child %d\n", head->value);
        exit(0);
    }
    wait(NULL);
    int sum = 0;
    for (const Node *n = head; n; n = n->next)
        sum += n->value;
    printf("parent %d %d\n", head->value, sum);
    while (head) {
        Node *next = head->next;
        free(head);
        head = next;
    }
    struct { char tag; long number[2]; } pair[2] = {{'a', {1, 2}}, {'b', {3}}}, other;
    other = pair[1];
    other.number[1] = 9;
    printf("%c %ld %ld %ld %zu\n", other.tag, other.number[0], other.number[1], pair[1].number[1], sizeof other);
    return 0;
}
