import { parseTarget } from './host-port.ts';

/** Where to listen. No host: all interfaces, IPv6 and IPv4. */
export type ListenAddress = { readonly host?: string; readonly port: number };

/**
 * Reads `:10346`, `127.0.0.1:10346`, `localhost:10346` or `[::1]:10346`: HOST:PORT as everywhere else, but the host may be
 * missing, and port 0 takes a free one. Null for anything else.
 */
export function parseListenAddress(text: string): ListenAddress | null {
  const everywhere = text.startsWith(':');
  const result = parseTarget(everywhere ? `localhost${text}` : text, 0);
  if (result.kind === 'invalid') return null;
  const { host, port } = result.target;
  return everywhere ? { port } : { host, port };
}
