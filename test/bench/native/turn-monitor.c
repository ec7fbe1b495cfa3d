/*
 * How long one turn of a Node.js event loop takes, in CPU of its thread and on the wall. Loaded into the process, it lets
 * libuv call it right before each wait for events. getrusage and /proc count a thread's CPU in ticks of the scheduler (4 ms
 * at HZ=250); CLOCK_THREAD_CPUTIME_ID is exact to the nanosecond.
 *
 * The declarations are libuv's (uv.h): the process exports the functions, and no headers are needed to build this.
 */
#include <stdint.h>
#include <time.h>

typedef struct uv_loop uv_loop_t;
extern uv_loop_t *uv_default_loop(void);
extern int uv_prepare_init(uv_loop_t *, void *);
extern int uv_prepare_start(void *, void (*)(void *));
extern void uv_unref(void *);
extern uint64_t uv_metrics_idle_time(uv_loop_t *);

/* Far larger than any uv_prepare_t (120 bytes). */
static uint64_t handle[128];
static int64_t cpu_before, busy_before, longest_cpu, longest_busy;
static int started;

static int64_t nanos(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* Time on the wall that was not spent waiting for events. */
static int64_t busy(void) { return nanos(CLOCK_MONOTONIC) - (int64_t)uv_metrics_idle_time(uv_default_loop()); }

static void before_wait(void *unused) {
  (void)unused;
  int64_t cpu = nanos(CLOCK_THREAD_CPUTIME_ID), wall = busy();
  if (cpu - cpu_before > longest_cpu) longest_cpu = cpu - cpu_before;
  if (wall - busy_before > longest_busy) longest_busy = wall - busy_before;
  cpu_before = cpu;
  busy_before = wall;
}

/* From now on: the longest. To be called on the thread of the loop. */
void watch_turns(void) {
  if (!started) {
    started = 1;
    uv_prepare_init(uv_default_loop(), handle);
    uv_prepare_start(handle, before_wait);
    uv_unref(handle);
  }
  longest_cpu = longest_busy = 0;
  cpu_before = nanos(CLOCK_THREAD_CPUTIME_ID);
  busy_before = busy();
}

/* Nanoseconds; the turn that runs is not in it. */
int64_t longest_turn_cpu(void) { return longest_cpu; }
int64_t longest_turn_busy(void) { return longest_busy; }
