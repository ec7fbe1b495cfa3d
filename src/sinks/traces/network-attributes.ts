import type { Endpoint } from '../../domain/events/connection-events.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import type { SpanAttributes } from './trace-shape.ts';

/** Which peer a span is about. A target label that is empty is none. */
export function peerAttributes({ host, port, group, peer, labels }: Omit<PeerRef, 'id' | 'isLiteral'>): SpanAttributes {
  const own: Record<string, string> = {};
  for (const name in labels) if (labels[name] !== '') own[`finrst.label.${name}`] = labels[name] ?? '';
  return { 'server.address': host, 'server.port': port, 'finrst.group': group, 'finrst.peer': peer, ...own };
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
