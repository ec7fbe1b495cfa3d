import type { Environment } from '../../settings/trace-settings.ts';

/** Reads OTEL_* variables as the specification has them: empty is unset, what cannot be used is reported and left out. */
export type EnvironmentReader = {
  /** The first of the names that is set. */
  text(...names: readonly string[]): string | undefined;
  /** A number above 0. */
  positive(...names: readonly string[]): number | undefined;
  /** `key=value,key=value`, percent-encoded. One bad pair makes the whole variable void. */
  pairs(name: string): Readonly<Record<string, string>> | undefined;
  /** An absolute http or https URL. */
  url(name: string): URL | undefined;
};

/** `warn` gets one sentence for each value that cannot be used. The value itself is not repeated: it may be a secret. */
export function createEnvironmentReader(env: Environment, warn: (message: string) => void): EnvironmentReader {
  const read = (name: string) => {
    const value = env[name]?.trim();
    return value === undefined || value === '' ? undefined : value;
  };
  const first = (names: readonly string[]) => names.find((name) => read(name) !== undefined);
  return {
    text(...names) {
      const name = first(names);
      return name === undefined ? undefined : read(name);
    },
    positive(...names) {
      const name = first(names);
      if (name === undefined) return undefined;
      const value = Number(read(name));
      if (Number.isFinite(value) && value > 0) return value;
      warn(`${name} is not a number above 0 and is ignored`);
      return undefined;
    },
    pairs(name) {
      const value = read(name);
      if (value === undefined) return undefined;
      const pairs = parsePairs(value);
      if (pairs === null) warn(`${name} is not a list of key=value pairs and is ignored`);
      return pairs ?? undefined;
    },
    url(name) {
      const value = read(name);
      if (value === undefined) return undefined;
      const url = parseHttpUrl(value);
      if (url === null) warn(`${name} is not an http:// or https:// URL and is ignored`);
      return url ?? undefined;
    },
  };
}

/** Null: no absolute http or https URL. `localhost:4318` is none: it parses as the scheme "localhost". */
export function parseHttpUrl(text: string): URL | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : null;
}

function parsePairs(text: string): Readonly<Record<string, string>> | null {
  const pairs: Record<string, string> = {};
  for (const part of text.split(',')) {
    if (part.trim() === '') continue;
    const equals = part.indexOf('=');
    const key = decode(part.slice(0, Math.max(equals, 0)).trim());
    const value = decode(part.slice(equals + 1).trim());
    if (!key || value === null) return null;
    pairs[key] = value;
  }
  return pairs;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
