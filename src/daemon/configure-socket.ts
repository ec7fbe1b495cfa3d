import type { Socket } from 'node:net';
import type { SourceContext } from '../discovery/peer-source.ts';
import type { Kernel } from '../os/sockets/kernel.ts';

/** Sets kernel timers of sockets that the runtime made itself, as those of its HTTP client. */
export function socketConfigurer(kernel: Kernel): NonNullable<SourceContext['configureSocket']> {
  return (socket, options) => {
    const descriptor = descriptorOf(socket);
    return descriptor !== null && kernel.configure(descriptor, options);
  };
}

/** The runtime has no public way to a socket's descriptor; it is the same field for a plain and a TLS socket. */
function descriptorOf(socket: Socket): number | null {
  const { _handle: handle } = socket as unknown as { readonly _handle?: { readonly fd?: number } | null };
  return typeof handle?.fd === 'number' && handle.fd >= 0 ? handle.fd : null;
}
