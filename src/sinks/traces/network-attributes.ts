import type { Endpoint } from '../../domain/events/connection-events.ts';
import type { SpanAttributes } from './trace-shape.ts';

/** The target as written, apart: `[2001:db8::7]:6379` is host `2001:db8::7`, port 6379. */
export function serverAttributes(peer: string): SpanAttributes {
  const colon = peer.lastIndexOf(':');
  const host = peer.slice(0, Math.max(colon, 0));
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  return { 'server.address': bare, 'server.port': Number(peer.slice(colon + 1)) };
}

/** Both ends of the path, as far as they are known. */
export function pathAttributes(remote: Endpoint | undefined, local?: Endpoint): SpanAttributes {
  return {
    'network.transport': 'tcp',
    'network.type': remote && (remote.address.includes(':') ? 'ipv6' : 'ipv4'),
    'network.peer.address': remote?.address,
    'network.peer.port': remote?.port,
    'network.local.address': local?.address,
    'network.local.port': local?.port,
  };
}
