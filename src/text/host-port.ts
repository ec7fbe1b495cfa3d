import { isIP, isIPv4, isIPv6 } from 'node:net';
import { quoteValue } from './quote-value.ts';

/** A target taken apart. */
export type Target = {
  /** Without brackets, as written otherwise. */
  readonly host: string;
  readonly port: number;
  /** The IP version where the host is a literal address, else null. */
  readonly literal: 4 | 6 | null;
  /** Two targets with the same key are the same peer within a group. */
  readonly key: string;
};

/** A target taken apart, or what is wrong with it. */
export type TargetResult =
  | { readonly kind: 'target'; readonly target: Target }
  /** A sentence about the target: what is wrong with it and what to write. */
  | { readonly kind: 'invalid'; readonly message: string };

const PORT = /^\d{1,5}$/;
const HOST_LABEL = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;
/** RFC 1035 2.3.4, written without the trailing dot. */
const LONGEST_NAME = 253;
/** A name, its trailing dot, a colon and five digits have 260 characters, an IPv6 address with a zone fewer. */
const LONGEST_TARGET = 300;

/**
 * Takes `HOST:PORT` apart. The host is a name, an IPv4 address, or an IPv6 address in brackets (with a zone where it is
 * link-local). `key` is the lower-cased host without a trailing dot, canonical where it is IPv6, and the numeric port.
 * Ports below `leastPort` are refused: nobody can connect to port 0, but listening on it takes any free one.
 */
export function parseTarget(text: string, leastPort: 0 | 1 = 1): TargetResult {
  const problem = shapeProblem(text, leastPort);
  if (problem !== null) return { kind: 'invalid', message: problem };
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, colon);
  const port = Number(text.slice(colon + 1));
  if (host.startsWith('[')) return parseBracketed(host.slice(1, -1), port);
  const literal = isIPv4(host) ? 4 : null;
  if (literal === null) {
    const message = nameProblem(host);
    if (message !== null) return { kind: 'invalid', message };
  }
  const name = host.toLowerCase().replace(/\.$/, '');
  return { kind: 'target', target: { host, port, literal, key: `${name}:${port}` } };
}

/** What people write instead of HOST:PORT; null when the shape is right. */
function shapeProblem(text: string, leastPort: number): string | null {
  if (text === '') return 'is empty; expected HOST:PORT';
  if (text.length > LONGEST_TARGET) {
    return `has ${text.length} characters; expected HOST:PORT, with a host of at most ${LONGEST_NAME}`;
  }
  if (/\s/.test(text)) return 'contains white space; expected HOST:PORT';
  if (text.includes('://')) return 'is a URL; expected HOST:PORT, without a scheme';
  if (text.includes('/')) return 'contains a path; expected HOST:PORT';
  if (isIPv6(text)) return `is an IPv6 address without a port; write [${text}]:PORT`;
  const unbracketed = /^(.*:.*):(\d+)$/.exec(text);
  if (!text.startsWith('[') && unbracketed)
    return 'is no HOST:PORT; write an IPv6 address in brackets, like [::1]:6379';
  const [, inside, rest] = /^\[([^\]]*)\](.*)$/.exec(text) ?? [];
  if (text.startsWith('[') && inside === undefined) return 'has an opening bracket without a closing one';
  const port = rest ?? (text.includes(':') ? text.slice(text.lastIndexOf(':')) : '');
  if (port === '' || port === ':') return 'has no port; a port is required, like redis-0:6379';
  const number = port.slice(1);
  if (!port.startsWith(':') || !PORT.test(number) || Number(number) < leastPort || Number(number) > 65_535) {
    return `has the port ${quoteValue(port.replace(/^:/, ''))}; expected a number from ${leastPort} to 65535`;
  }
  return null;
}

function parseBracketed(address: string, port: number): TargetResult {
  if (!isIPv6(address)) {
    return { kind: 'invalid', message: `has ${quoteValue(address)} in brackets; expected an IPv6 address there` };
  }
  return { kind: 'target', target: { host: address, port, literal: 6, key: `[${canonicalIPv6(address)}]:${port}` } };
}

function nameProblem(host: string): string | null {
  if (host === '') return 'has no host; expected HOST:PORT';
  if (/^[\d.]+$/.test(host))
    return `has the host ${quoteValue(host)}, which is no IPv4 address; expected four numbers from 0 to 255`;
  // oxlint-disable-next-line no-control-regex -- everything outside ASCII is what is looked for
  if (/[^\x00-\x7f]/.test(host))
    return `has the host ${quoteValue(host)}; write an international name in its ASCII form (xn--...)`;
  return isHostName(host) ? null : `has the host ${quoteValue(host)}, which is no host name`;
}

/** Whether a text can be a host name: labels of letters, digits, - and _, a trailing dot allowed. Addresses are none. */
export function isHostName(text: string): boolean {
  const name = text.replace(/\.$/, '');
  const labels = name.split('.');
  return isIP(text) === 0 && name.length <= LONGEST_NAME && labels.every((label) => HOST_LABEL.test(label));
}

/** One spelling for each IPv6 address (RFC 5952); a zone is kept. */
function canonicalIPv6(address: string): string {
  const [bare = '', zone] = address.split('%');
  const canonical = new URL(`http://[${bare}]/`).hostname.slice(1, -1);
  return zone === undefined ? canonical : `${canonical}%${zone}`;
}

/**
 * An address and a port as people and URLs write them: an IPv6 address in brackets.
 *
 * @example formatHostPort('::1', 6379)  // '[::1]:6379'
 */
export function formatHostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The IP version of a literal address, null for anything else. */
export function literalFamily(address: string): 4 | 6 | null {
  const family = isIP(address);
  return family === 4 || family === 6 ? family : null;
}
