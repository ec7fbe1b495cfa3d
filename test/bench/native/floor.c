/*
 * The least that holding can cost: one epoll set, an end is stamped and its connection made anew after less than a second.
 * No series, no TCP_INFO, no log. BENCH_CONTROL names the socket of the bench.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include "control.h"

/* A wait of less than a second, in ticks of a millisecond, lies in one of these. */
#define TICKS 1024

struct peer {
  int fd, next;
  /* 0: not established. */
  uint16_t port;
};

static struct peer *peers;
static int count, per_second, started;
static int waiting[TICKS], tick, waiters;
static struct sockaddr_in first = {.sin_family = AF_INET};
static struct stamps ended;
static int poll_set, timer;

static void wait_ticks(int number, int ticks) {
  int slot = (tick + ticks) % TICKS;
  peers[number].next = waiting[slot];
  waiting[slot] = number;
  waiters++;
}

static void dial(int number) {
  struct peer *peer = &peers[number];
  struct sockaddr_in address = first;
  address.sin_addr.s_addr = htonl(ntohl(first.sin_addr.s_addr) + (uint32_t)number);
  int on = 1, idle = 7200, interval = 10, probes = 3;
  peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (peer->fd < 0) die("socket");
  setsockopt(peer->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  setsockopt(peer->fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  setsockopt(peer->fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
  setsockopt(peer->fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
  if (connect(peer->fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS) die("connect");
  struct epoll_event event = {.events = EPOLLOUT | EPOLLRDHUP, .data.u32 = (uint32_t)number};
  peer->port = 0;
  epoll_ctl(poll_set, EPOLL_CTL_ADD, peer->fd, &event);
}

static void established(int number) {
  struct sockaddr_in local;
  socklen_t size = sizeof local;
  getsockname(peers[number].fd, (struct sockaddr *)&local, &size);
  peers[number].port = ntohs(local.sin_port);
  struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.u32 = (uint32_t)number};
  epoll_ctl(poll_set, EPOLL_CTL_MOD, peers[number].fd, &event);
}

static void serve_peer(int number, uint32_t events) {
  struct peer *peer = &peers[number];
  char buffer[512];
  if (peer->port == 0 && !(events & (EPOLLERR | EPOLLHUP))) {
    established(number);
    return;
  }
  ssize_t length = read(peer->fd, buffer, sizeof buffer);
  if (length > 0 || (length < 0 && errno == EAGAIN)) return;
  const char *word = length == 0 ? "fin" : errno == ECONNRESET ? "reset" : "other";
  if (peer->port) add_stamp(&ended, (uint32_t)number << 16 | peer->port, now_nanos(), word);
  close(peer->fd);
  wait_ticks(number, 1 + rand() % 1000);
}

/* One millisecond: new peers at the rate of the order, and those whose wait is over. */
static void serve_tick(void) {
  uint64_t expired;
  if (read(timer, &expired, sizeof expired) < 0) return;
  for (; expired > 0; expired--) {
    tick = (tick + 1) % TICKS;
    for (int number = waiting[tick], next; number >= 0; number = next) {
      next = peers[number].next;
      waiters--;
      dial(number);
    }
    waiting[tick] = -1;
    for (int i = 0; i < (per_second + 999) / 1000 && started < count; i++) dial(started++);
  }
}

static void hold(const char *request) {
  char prefix[32], host[64];
  unsigned short port;
  if (sscanf(request, "hold %31s %hu %d %d", prefix, &port, &count, &per_second) != 4) die(request);
  snprintf(host, sizeof host, "%s.0.0", prefix);
  inet_pton(AF_INET, host, &first.sin_addr);
  first.sin_port = htons(port);
  peers = calloc((size_t)count, sizeof *peers);
  for (int i = 0; i < TICKS; i++) waiting[i] = -1;
  answer("ok");
}

int main(void) {
  struct epoll_event events[256];
  open_control();
  poll_set = epoll_create1(EPOLL_CLOEXEC);
  timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  struct epoll_event asked = {.events = EPOLLIN, .data.u32 = UINT32_MAX};
  struct epoll_event ticked = {.events = EPOLLIN, .data.u32 = UINT32_MAX - 1};
  epoll_ctl(poll_set, EPOLL_CTL_ADD, control, &asked);
  epoll_ctl(poll_set, EPOLL_CTL_ADD, timer, &ticked);
  answer("hello %d -", getpid());
  for (;;) {
    struct itimerspec each = {{0, 1000000}, {0, 1000000}}, none = {{0, 0}, {0, 0}};
    /* No ticks where nothing waits: an idle floor costs nothing. */
    static int ticking;
    int needed = waiters > 0 || started < count;
    if (needed != ticking) timerfd_settime(timer, 0, needed ? &each : &none, NULL);
    ticking = needed;
    int ready = epoll_wait(poll_set, events, 256, -1);
    for (int i = 0; i < ready; i++) {
      uint32_t what = events[i].data.u32;
      if (what == UINT32_MAX) {
        const char *request = read_request();
        if (!strncmp(request, "hold ", 5)) hold(request);
        else if (!strcmp(request, "ends")) answer_stamps(&ended);
        else die(request);
      } else if (what == UINT32_MAX - 1) serve_tick();
      else serve_peer((int)what, events[i].events);
    }
  }
}
