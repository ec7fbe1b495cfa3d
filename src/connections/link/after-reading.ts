import type { Clock, Timer } from '../../clock/clock.ts';

/** Turns of the event loop in which more is waited for: a socket is read in turns of 64 KiB. */
const MOST_LOOKS = 32;

/**
 * Calls `decide` once what lay in the kernel has been read: after the first look at the sockets that brought no bytes, 32
 * turns of the event loop from now at the latest. What stands behind bytes, an answer, an end or a reset, is seen one turn
 * later than they, and it came before a deadline that passed while our loop was held up.
 *
 * @param receivedBytes what the connection has received so far
 */
export function afterReading(clock: Pick<Clock, 'afterPoll'>, receivedBytes: () => number, decide: () => void): Timer {
  let before = receivedBytes();
  let looks = 0;
  const look = (): void => {
    const now = receivedBytes();
    looks += 1;
    if (now === before || looks === MOST_LOOKS) {
      decide();
      return;
    }
    before = now;
    timer = clock.afterPoll(look);
  };
  let timer = clock.afterPoll(look);
  return { cancel: () => timer.cancel() };
}
