import { isHeaderName, isHeaderValue } from './http-header.ts';

/** Those that a handshake has of its own, and those that would say where a request ends. All of `Sec-WebSocket-` as well. */
const OURS: ReadonlySet<string> = new Set([
  'host',
  'user-agent',
  'connection',
  'upgrade',
  'origin',
  'content-length',
  'transfer-encoding',
  'expect',
]);

/** Lines of a request, or the first one that is none, counted from 1, and why. */
export type HeaderFields =
  | { readonly kind: 'fields'; readonly lines: readonly string[] }
  | { readonly kind: 'invalid'; readonly line: number; readonly why: string };

/** One `Name: value` a line, for the handshake of a WebSocket; blank lines and those that begin with # are skipped. */
export function parseHeaderFields(text: string): HeaderFields {
  const lines: string[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [name = ''] = line.split(':', 1);
    const value = line.slice(name.length + 1).trim();
    const invalid = (why: string) => ({ kind: 'invalid', line: index + 1, why }) as const;
    if (name.length === line.length || !isHeaderName(name) || !isHeaderValue(value))
      return invalid('is no "Name: value" of an HTTP header');
    const lower = name.toLowerCase();
    if (OURS.has(lower) || lower.startsWith('sec-websocket-')) return invalid('is a header that Finrst writes itself');
    lines.push(`${name}: ${value}`);
  }
  return { kind: 'fields', lines };
}
