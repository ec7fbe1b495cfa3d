import { DEFAULT_HTTP_SETTINGS, type HttpSettings } from '../../settings/http-settings.ts';
import { isHeaderName, isHeaderValue } from '../../text/http-header.ts';
import { quoteValue } from '../../text/quote-value.ts';
import type { HttpSdValues } from '../schema/http-sd-configs.ts';
import type { Partially } from '../schema/parse-partially.ts';
import type { Path } from '../../yaml/path.ts';
import { addProblem, type ResolveContext } from './resolve-context.ts';
import { resolveHttpClient } from './resolve-http-client.ts';

/** What the request itself or another key gives, and what belongs to the connection. */
const TAKEN_HEADER =
  /^(?:accept(?:-encoding)?|authorization|connection|content-.*|expect|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|user-agent|x-prometheus-.*)$/i;

/** One entry of `http_sd_configs`. */
export function resolveHttpSource(context: ResolveContext, path: Path, values: Partially<HttpSdValues>): HttpSettings {
  return {
    url: values.url ?? '',
    client: resolveHttpClient(context, path, values),
    headers: resolveHeaders(context, [...path, 'http_headers'], values.http_headers ?? {}),
    refreshIntervalMs: values.refresh_interval ?? DEFAULT_HTTP_SETTINGS.refreshIntervalMs,
    lingerMs: values.linger ?? DEFAULT_HTTP_SETTINGS.lingerMs,
  };
}

type HeaderValues = NonNullable<Partially<HttpSdValues>['http_headers']>;

function resolveHeaders(context: ResolveContext, path: Path, written: HeaderValues): HttpSettings['headers'] {
  const headers: (readonly [string, readonly string[]])[] = [];
  for (const [name, header] of Object.entries(written)) {
    const values = (header?.values ?? []).filter((value) => value !== undefined);
    const problem = nameProblem(name);
    if (problem !== null) context.problems.push(context.source.problemAtKey([...path, name], problem));
    // A value may be a secret that somebody wrote here all the same: it is not quoted.
    if (!values.every(isHeaderValue)) {
      addProblem(context, [...path, name], 'has a value with characters that no HTTP header can carry');
    }
    headers.push([name, values]);
  }
  return Object.fromEntries(headers);
}

function nameProblem(name: string): string | null {
  if (!isHeaderName(name)) return `http_headers: ${quoteValue(name)} is no name of an HTTP header`;
  if (TAKEN_HEADER.test(name)) return `http_headers: ${name} is set by Finrst or belongs to the connection; remove it`;
  return null;
}
