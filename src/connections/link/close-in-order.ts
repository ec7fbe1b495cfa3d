import type { Clock } from '../../clock/clock.ts';
import type { ObservedSocket } from './observed-socket.ts';

/**
 * Closes a socket so that FIN is the first thing the peer sees: our side is ended, what still arrives is read and dropped
 * until the peer's FIN (closing over unread data would send a reset), at most `drainMs`. `done` is called once, when the
 * descriptor is released. Called again for the same socket the shorter drain counts, and each `done` is called; one of 0
 * waits for nothing more of the peer, where our side has ended.
 *
 * @param end ends our side; for TLS it sends close_notify first
 */
export function closeInOrder(
  socket: ObservedSocket,
  { clock, drainMs, end }: { readonly clock: Clock; readonly drainMs: number; readonly end: () => void },
  done: () => void,
): void {
  if (socket.closed) {
    done();
    return;
  }
  if (socket.destroyed) {
    socket.once('close', done);
    return;
  }
  // The peer's FIN is here already: our own goes out with the close.
  if (socket.hasPeerFinished || (drainMs === 0 && socket.writableEnded)) {
    socket.once('close', done);
    socket.destroy();
    return;
  }
  const timer = clock.after(drainMs, () => socket.destroy());
  socket.once('close', () => {
    timer.cancel();
    done();
  });
  socket.oncePeerFinished(() => socket.destroy());
  end();
}
