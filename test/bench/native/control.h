/*
 * What every C program of the bench shares: the control socket, on which the bench asks one line at a time and gets one
 * line back, stamps of what happened, and the machine's monotonic clock.
 */
#ifndef BENCH_CONTROL_H
#define BENCH_CONTROL_H

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* `key` names a connection on both sides: the last two bytes of the peer's address, then the port of the client. */
struct stamp {
  uint32_t key;
  int64_t nanos;
  const char *word;
};

struct stamps {
  struct stamp *list;
  size_t count, capacity;
};

static int control = -1;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static int64_t now_nanos(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void add_stamp(struct stamps *stamps, uint32_t key, int64_t nanos, const char *word) {
  if (stamps->count == stamps->capacity) {
    stamps->capacity = stamps->capacity ? 2 * stamps->capacity : 1024;
    stamps->list = realloc(stamps->list, stamps->capacity * sizeof *stamps->list);
    if (!stamps->list) die("realloc");
  }
  stamps->list[stamps->count++] = (struct stamp){key, nanos, word};
}

static void write_all(const char *text, size_t length) {
  while (length > 0) {
    ssize_t wrote = write(control, text, length);
    if (wrote < 0) die("control");
    text += wrote;
    length -= (size_t)wrote;
  }
}

static void answer(const char *format, ...) {
  char line[256];
  va_list values;
  va_start(values, format);
  int length = vsnprintf(line, sizeof line - 1, format, values);
  va_end(values);
  line[length++] = '\n';
  write_all(line, (size_t)length);
}

/* Answers with all stamps as COUNT KEY:NANOS:WORD ..., and forgets them. */
static void answer_stamps(struct stamps *stamps) {
  size_t size = 64 * stamps->count + 64;
  char *text = malloc(size);
  if (!text) die("malloc");
  size_t length = (size_t)snprintf(text, size, "%zu", stamps->count);
  for (size_t i = 0; i < stamps->count; i++) {
    const struct stamp *stamp = &stamps->list[i];
    length += (size_t)snprintf(text + length, size - length, " %u:%lld:%s", stamp->key, (long long)stamp->nanos, stamp->word);
  }
  text[length++] = '\n';
  write_all(text, length);
  free(text);
  stamps->count = 0;
}

/* Connects to the bench. Every descriptor that the machine gives may be used. */
static void open_control(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  struct rlimit files;
  const char *path = getenv("BENCH_CONTROL");
  if (!path) die("BENCH_CONTROL");
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  control = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(control, (struct sockaddr *)&address, sizeof address) < 0) die(path);
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

/* The next request. The bench sends one line and waits for the answer, so a read gives a whole line. Exits with the bench. */
static char *read_request(void) {
  static char line[256];
  ssize_t length = read(control, line, sizeof line - 1);
  if (length <= 0) exit(0);
  line[length] = 0;
  line[strcspn(line, "\n")] = 0;
  return line;
}

#endif
