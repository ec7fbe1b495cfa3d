import { isMap, type JsonMap, mapOf, parseJson, textOf, wholeNumberOrNull } from './json-value.ts';

/** One line of a watch. */
export type WatchEvent =
  | { readonly kind: 'set' | 'deleted'; readonly object: IdentifiedObject }
  /** `endsInitial`: all that was there at the start has come. */
  | { readonly kind: 'bookmark'; readonly version: string; readonly endsInitial: boolean }
  /** The server ends the watch; `code` is that of an HTTP status. */
  | { readonly kind: 'error'; readonly code: number }
  /** A type of a later version: nothing is known about it. */
  | { readonly kind: 'unknown' };

/** An object with what identifies it. */
export type IdentifiedObject = { readonly key: string; readonly version: string; readonly raw: JsonMap };

/** The event that a line means; null where it is none, as when it was damaged. */
export function parseWatchEvent(text: string): WatchEvent | null {
  const line = parseJson(text);
  if (!isMap(line) || typeof line['type'] !== 'string' || !isMap(line['object'])) return null;
  const raw = line['object'];
  switch (line['type']) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED': {
      const object = identify(raw);
      return object === null ? null : { kind: line['type'] === 'DELETED' ? 'deleted' : 'set', object };
    }
    case 'BOOKMARK': {
      const metadata = mapOf(raw['metadata']);
      const endsInitial = mapOf(metadata['annotations'])['k8s.io/initial-events-end'] === 'true';
      return { kind: 'bookmark', version: textOf(metadata['resourceVersion']), endsInitial };
    }
    case 'ERROR':
      return { kind: 'error', code: wholeNumberOrNull(raw['code']) ?? 0 };
  }
  return { kind: 'unknown' };
}

/** The object that this value is; null where it has no name. */
export function identify(value: unknown): IdentifiedObject | null {
  const raw = mapOf(value);
  const metadata = mapOf(raw['metadata']);
  const name = textOf(metadata['name']);
  if (name === '') return null;
  return { key: `${textOf(metadata['namespace'])}/${name}`, version: textOf(metadata['resourceVersion']), raw };
}
