import { setTimeout as pause } from 'node:timers/promises';

/**
 * Tries until it resolves, and resolves with that. The deadline is far beyond what a quick machine needs; at the deadline
 * throws what the last try threw, with what was waited for.
 */
export async function waitUntil<T>(what: string, attempt: () => Promise<T>, deadlineMs = 240_000): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`waited ${deadlineMs / 1000} s for ${what}`, { cause: error });
    }
    await pause(250);
  }
}
