import type { Clock } from '../../clock/clock.ts';
import type { Session } from '../../protocols/session.ts';
import type { Link } from '../link/link.ts';

/** How long our FIN waits for the answer to a farewell. */
const ANSWER_MS = 500;

export type LeaveOptions = { readonly link: Link; readonly session: Session; readonly clock: Clock };

/**
 * How to close a link whose session may have a farewell: that goes out first, where nothing is queued before it, and our FIN
 * behind it; where the peer answers farewells, once it did, at most 500 ms later. Called again the shorter drain counts, as
 * with the link's own close.
 */
export function takeLeave({ link, session, clock }: LeaveOptions): Link['close'] {
  let waiting: (() => void) | null = null;
  let hasLeft = false;
  const awaitAnswer = (drainMs: number, close: () => void): void => {
    const timer = clock.after(Math.min(ANSWER_MS, drainMs), () => waiting?.());
    waiting = () => {
      waiting = null;
      timer.cancel();
      close();
    };
    link.listen({
      received(bytes) {
        for (const step of waiting === null ? [] : session.received(bytes)) {
          if (step.kind === 'send') link.reply(step.bytes);
          if (step.kind === 'left') waiting?.();
        }
      },
      ended: () => waiting?.(),
    });
  };
  return (drainMs, done) => {
    const farewell = hasLeft ? null : session.farewell();
    hasLeft = true;
    const isWritten = farewell !== null && link.write(farewell.bytes);
    if (isWritten && farewell.awaited && drainMs > 0) awaitAnswer(drainMs, () => link.close(drainMs, done));
    else {
      const goOn = waiting;
      if (goOn !== null) goOn();
      link.close(drainMs, done);
    }
  };
}
