import { isIP } from 'node:net';

/** Where to listen. No host: all interfaces, IPv6 and IPv4. */
export type ListenAddress = { readonly host?: string; readonly port: number };

/**
 * Reads `:10346`, `127.0.0.1:10346`, `localhost:10346` or `[::1]:10346`. Null for anything else: an IPv6 address needs
 * brackets, and the port must be there (0 takes a free one).
 */
export function parseListenAddress(text: string): ListenAddress | null {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  if (!match) return null;
  const [, bracketed, plain, portText] = match;
  const port = Number(portText);
  if (port > 65_535) return null;
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? { host: bracketed, port } : null;
  return plain === undefined || plain === '' ? { port } : { host: plain, port };
}

/** An address as people and URLs write it: `[::]:10346`. */
export function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
