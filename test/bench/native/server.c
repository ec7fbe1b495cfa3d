/*
 * The peers of one holder: accepts, answers whatever it reads, and ends connections when the bench says so, each with the
 * moment before the system call. It listens on every address, so each peer can have its own. BENCH_CONTROL names the
 * socket of the bench.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include "control.h"

#define MAX_FILES (1 << 20)
#define PONG "+PONG\r\n"
/* PostgreSQL: ready for a query; and before it that the login is taken. */
#define READY "Z\0\0\0\5I"
#define LOGGED_IN "R\0\0\0\10\0\0\0\0" READY

/* The key of the connection by descriptor; 0: not a client. */
static uint32_t keys[MAX_FILES];
static int highest, live;
static struct stamps ended, accepted;
static int poll_set, listener, timer;

/* The order to end connections: the next one to end is the lowest open descriptor from `cursor` on. */
static struct {
  int left, cursor, number;
  int64_t due, spacing;
  char mode[8];
} order;

static void forget(int fd) {
  keys[fd] = 0;
  live--;
  close(fd);
}

static void accept_all(void) {
  struct sockaddr_in from, to;
  for (;;) {
    socklen_t size = sizeof from;
    int fd = accept4(listener, (struct sockaddr *)&from, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.fd = fd};
    epoll_ctl(poll_set, EPOLL_CTL_ADD, fd, &event);
    getsockname(fd, (struct sockaddr *)&to, &size);
    keys[fd] = ntohl(to.sin_addr.s_addr) << 16 | ntohs(from.sin_port);
    if (fd > highest) highest = fd;
    live++;
    add_stamp(&accepted, keys[fd], now_nanos(), "accept");
  }
}

/* A startup message of PostgreSQL begins with its length, Sync and Terminate with their letter; all else is asked by lines. */
static ssize_t reply_to(int fd, char first) {
  if (first == 0) return send(fd, LOGGED_IN, sizeof LOGGED_IN - 1, MSG_NOSIGNAL);
  if (first == 'S') return send(fd, READY, sizeof READY - 1, MSG_NOSIGNAL);
  if (first == 'X') return 0;
  return send(fd, PONG, sizeof PONG - 1, MSG_NOSIGNAL);
}

static void serve_client(int fd) {
  char buffer[4096];
  ssize_t length = read(fd, buffer, sizeof buffer);
  if (length > 0) {
    if (reply_to(fd, buffer[0]) < 0 && errno != EAGAIN) forget(fd);
  } else if (length == 0 || errno != EAGAIN) {
    forget(fd);
  }
}

static void arm(int64_t due) {
  struct itimerspec when = {.it_value = {due / 1000000000, due % 1000000000}};
  timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

/* Ends the connections that are due. One that was accepted after the order began stays. */
static void end_due(void) {
  uint64_t expired;
  if (read(timer, &expired, sizeof expired) < 0 && errno != EAGAIN) die("timer");
  while (order.left > 0 && order.due <= now_nanos()) {
    while (order.cursor <= highest && !keys[order.cursor]) order.cursor++;
    if (order.cursor > highest) {
      order.left = 0;
      break;
    }
    int fd = order.cursor++;
    int resets = order.mode[0] == 'r' || (order.mode[0] == 'm' && order.number % 2);
    if (resets) {
      struct linger none = {1, 0};
      setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    }
    add_stamp(&ended, keys[fd], now_nanos(), resets ? "reset" : "fin");
    forget(fd);
    order.number++;
    order.left--;
    order.due += order.spacing;
  }
  if (order.left > 0) arm(order.due);
  else answer("ok");
}

static void begin_order(const char *request) {
  long long spacing_micros;
  order.cursor = 0;
  order.number = 0;
  if (sscanf(request, "end %d %lld %7s", &order.left, &spacing_micros, order.mode) != 3) die("end COUNT MICROS MODE");
  order.spacing = spacing_micros * 1000;
  order.due = now_nanos() + 1000000;
  arm(order.due);
}

/* Answers with the key of every open connection. */
static void answer_live(void) {
  struct stamps open = {NULL, 0, 0};
  for (int fd = 0; fd <= highest; fd++) {
    if (keys[fd]) add_stamp(&open, keys[fd], 0, "fin");
  }
  answer_stamps(&open);
  free(open.list);
}

static void serve_request(void) {
  const char *request = read_request();
  if (!strcmp(request, "count")) answer("%d", live);
  else if (!strcmp(request, "live")) answer_live();
  else if (!strncmp(request, "end ", 4)) begin_order(request);
  else if (!strcmp(request, "ended")) answer_stamps(&ended);
  else if (!strcmp(request, "accepted")) answer_stamps(&accepted);
  else if (!strcmp(request, "clear")) {
    ended.count = accepted.count = 0;
    answer("ok");
  } else die(request);
}

int main(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_ANY)};
  socklen_t size = sizeof address;
  struct epoll_event events[256];
  open_control();
  listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 65535) < 0) die("listen");
  getsockname(listener, (struct sockaddr *)&address, &size);
  timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  poll_set = epoll_create1(EPOLL_CLOEXEC);
  int own[] = {control, listener, timer};
  for (int i = 0; i < 3; i++) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = own[i]};
    epoll_ctl(poll_set, EPOLL_CTL_ADD, own[i], &event);
  }
  answer("hello %d %d", getpid(), ntohs(address.sin_port));
  for (;;) {
    int ready = epoll_wait(poll_set, events, 256, -1);
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd;
      if (fd == control) serve_request();
      else if (fd == listener) accept_all();
      else if (fd == timer) end_due();
      else if (keys[fd]) serve_client(fd);
    }
  }
}
