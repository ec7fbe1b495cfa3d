// A client without a runtime: holds connections with poll() and prints when the kernel told it of their end.
//
// twin PORT KEEPIDLE KEEPINTVL KEEPCNT USER_TIMEOUT_MS ECHO_DELAY_MS ECHO_BYTES WATCH_DATA HOST...
//
// KEEPIDLE 0 leaves keepalive off. ECHO_DELAY_MS > 0: this long after a byte arrived, write ECHO_BYTES; the server sends
// that byte when the daemon's heartbeat reaches it, so twin and daemon write at the same moment one interval later; where no
// further byte comes, the twin writes once more.
// WATCH_DATA 1: bytes that arrive are the end (the twin of a TLS connection, where a record is what ends it).
//
// Prints `ready COUNT`, then per end `end INDEX WHAT NANOSECONDS OUTQ UNSENT RETRANSMITS PROBES`, WHAT being eof, data or an
// errno number; the time is CLOCK_REALTIME read right after poll() returned, OUTQ is SIOCOUTQ of the socket that ended, the
// rest its TCP_INFO. Leaves when its standard input is closed.
#define _GNU_SOURCE
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char filler[65536];

static long long now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int dial(const char *host, const char *port, char **argument) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV}, *found;
  if (getaddrinfo(host, port, &hints, &found) != 0) return -1;
  int fd = socket(found->ai_family, SOCK_STREAM, 0);
  int idle = atoi(argument[0]), interval = atoi(argument[1]), count = atoi(argument[2]), user = atoi(argument[3]);
  if (idle > 0) {
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
  }
  if (user > 0) setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user, sizeof user);
  int failed = connect(fd, found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  return failed ? -1 : fd;
}

// 0: still held. 1: ended, `what` says how.
static int drain(int fd, int watch_data, int *arrived, char *what) {
  char buffer[65536];
  for (;;) {
    ssize_t got = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (got > 0) {
      *arrived = 1;
      if (!watch_data) continue;
      return strcpy(what, "data"), 1;
    }
    if (got == 0) return strcpy(what, "eof"), 1;
    if (errno == EAGAIN) return 0;
    return sprintf(what, "%d", errno), 1;
  }
}

// Prints how it ended and closes it.
static void tell(int index, int fd, const char *what, long long seen) {
  struct tcp_info info = {0};
  socklen_t size = sizeof info;
  int outq = -1;
  ioctl(fd, SIOCOUTQ, &outq);
  getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size);
  printf("end %d %s %lld %d %u %u %u\n", index, what, seen, outq, info.tcpi_notsent_bytes, info.tcpi_total_retrans,
         info.tcpi_probes);
  close(fd);
}

int main(int argc, char **argv) {
  if (argc < 10) return 2;
  int echo_ms = atoi(argv[6]), echo_bytes = atoi(argv[7]), watch_data = atoi(argv[8]), hosts = argc - 9;
  struct pollfd *fds = calloc(hosts + 1, sizeof *fds);
  long long *due = calloc(hosts + 1, sizeof *due);
  int *again = calloc(hosts + 1, sizeof *again);
  setvbuf(stdout, NULL, _IOLBF, 0);
  fds[hosts] = (struct pollfd){.fd = 0, .events = POLLIN};
  int held = 0;
  for (int i = 0; i < hosts; i++) {
    fds[i] = (struct pollfd){.fd = dial(argv[9 + i], argv[1], argv + 2), .events = POLLIN | POLLRDHUP};
    held += fds[i].fd >= 0;
  }
  printf("ready %d\n", held);
  for (;;) {
    long long soonest = 0, monotonic = now(CLOCK_MONOTONIC);
    for (int i = 0; i < hosts; i++)
      if (due[i] && (!soonest || due[i] < soonest)) soonest = due[i];
    int wait = !soonest ? -1 : soonest <= monotonic ? 0 : (int)((soonest - monotonic + 999999) / 1000000);
    poll(fds, hosts + 1, wait);
    long long seen = now(CLOCK_REALTIME);
    monotonic = now(CLOCK_MONOTONIC);
    if (fds[hosts].revents) return 0;
    for (int i = 0; i < hosts; i++) {
      char what[16];
      int arrived = 0;
      if (fds[i].fd >= 0 && fds[i].revents && drain(fds[i].fd, watch_data, &arrived, what)) {
        tell(i, fds[i].fd, what, seen);
        fds[i].fd = -1;
        due[i] = 0;
      }
      if (arrived && echo_ms > 0) {
        due[i] = monotonic + echo_ms * 1000000LL;
        again[i] = 1;
      }
      if (fds[i].fd >= 0 && due[i] && due[i] <= monotonic) {
        // Once more without a byte: the fault may come between this write and the daemon's. Then it is silent as the daemon is.
        due[i] = again[i] ? monotonic + echo_ms * 1000000LL : 0;
        again[i] = 0;
        // An error is told once, to whoever calls first.
        if (send(fds[i].fd, filler, echo_bytes, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 || errno == EAGAIN) continue;
        sprintf(what, "%d", errno);
        tell(i, fds[i].fd, what, now(CLOCK_REALTIME));
        fds[i].fd = -1;
        due[i] = 0;
      }
    }
  }
}
