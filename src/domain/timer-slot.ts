/**
 * The kernel's timer wheel (kernel/time/timer.c, 250 ticks a second) fires all timers of one slot together, when it is over: so
 * wide a slot is for a timer of so many seconds, and so late is the timer at most.
 */
export function timerSlotSeconds(seconds: number): number {
  if (seconds <= 16) return 0.26;
  return seconds <= 131 ? 2 : 16;
}
