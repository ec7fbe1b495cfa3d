// Opens and closes TCP connections over loopback at a steady rate, as a busy host does: both ends are here.
//
// connections RATE SECONDS PORT ADDRESSES
//
// Connects in turn to 127.0.0.1, 127.0.0.2, ... (ADDRESSES of them), and closes each as soon as it stands. Prints `ready` once it
// listens, begins when a line comes on standard input, and prints `made COUNT MILLISECONDS` at the end: connections that stood.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <pthread.h>

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

// Accepts, and closes when the client has.
static void *serve(void *listener) {
  char byte;
  for (;;) {
    int fd = accept(*(int *)listener, NULL, NULL);
    if (fd < 0) continue;
    while (read(fd, &byte, 1) > 0) {
    }
    close(fd);
  }
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  long long rate = atoll(argv[1]), wanted = rate * atoll(argv[2]), made = 0;
  int port = atoi(argv[3]), addresses = atoi(argv[4]), on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_ANY)};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 4096)) return perror("listen"), 1;
  pthread_t thread;
  pthread_create(&thread, NULL, serve, &listener);
  puts("ready");
  fflush(stdout);
  getchar();
  long long began = now();
  for (long long i = 0; i < wanted; i++) {
    long long due = began + i * 1000000000LL / rate, early = due - now();
    if (early > 0) nanosleep(&(struct timespec){.tv_nsec = early % 1000000000LL, .tv_sec = early / 1000000000LL}, NULL);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK + i % addresses);
    if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0) made++;
    close(fd);
  }
  printf("made %lld %lld\n", made, (now() - began) / 1000000);
  return 0;
}
