import type { Clock } from '../../clock/clock.ts';
import type { Endpoint } from '../../domain/events/connection-events.ts';
import { closeInOrder } from './close-in-order.ts';
import type { Link } from './link.ts';
import type { ObservedSocket } from './observed-socket.ts';

/** A connected socket as a link. The dialer forwards the socket's signals to whoever listens. */
export function createPlainLink(
  socket: ObservedSocket,
  { clock, remote, listen }: { readonly clock: Clock; readonly remote: Endpoint; readonly listen: Link['listen'] },
): Link {
  const { local } = socket;
  return {
    remote,
    local,
    write(bytes) {
      if (socket.destroyed || socket.queuedBytes > 0) return false;
      socket.write(bytes);
      return true;
    },
    queuedBytes: () => socket.queuedBytes,
    sample: () => socket.sample(),
    listen,
    close: (drainMs, done) => closeInOrder(socket, { clock, drainMs, end: () => socket.end() }, done),
  };
}
