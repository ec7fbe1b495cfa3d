import { DEFAULT_TRACE_SETTINGS, type TraceSettings } from '../../settings/trace-settings.ts';
import { isHeaderName, isHeaderValue } from '../../text/http-header.ts';
import type { TracingValues } from '../schema/tracing-schema.ts';
import type { Partially } from '../schema/parse-partially.ts';
import { readNamedFile } from './read-named-file.ts';
import { addProblem, type ResolveContext } from './resolve-context.ts';
import { resolveCertificateFiles } from './resolve-certificate-files.ts';

/** The `tracing` section; every file it names is read or checked. */
export function resolveTracingSection(context: ResolveContext, values: Partially<TracingValues>): TraceSettings {
  return {
    endpoint: values.endpoint === undefined || values.endpoint === '' ? null : withoutSlashes(values.endpoint),
    headers: readHeaders(context, values.headers_file),
    ...resolveCertificateFiles(context, ['tracing'], values),
    compression: values.compression ?? DEFAULT_TRACE_SETTINGS.compression,
    timeoutMs: values.timeout ?? DEFAULT_TRACE_SETTINGS.timeoutMs,
    samplingRatio: values.sampling_ratio ?? DEFAULT_TRACE_SETTINGS.samplingRatio,
  };
}

/** One `key=value` a line; blank lines and lines that begin with # are skipped; later lines win. Values never appear in a message. */
function readHeaders(context: ResolveContext, name: string | undefined): Readonly<Record<string, string>> {
  const path = ['tracing', 'headers_file'];
  const bytes = readNamedFile(context, path, name);
  if (bytes === null || name === undefined) return {};
  const headers: Record<string, string> = {};
  for (const [index, raw] of Buffer.from(bytes).toString('utf8').split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const equals = line.indexOf('=');
    const key = line.slice(0, Math.max(0, equals)).trim();
    const value = line.slice(equals + 1).trim();
    if (isHeaderName(key) && isHeaderValue(value)) headers[key.toLowerCase()] = value;
    else
      addProblem(
        context,
        path,
        `names ${context.files.locate(name)}, whose line ${index + 1} is no key=value of an HTTP header`,
      );
  }
  return headers;
}

/** Without the slashes at its end. A pattern would try each run of slashes from every one of its characters. */
function withoutSlashes(url: string): string {
  let end = url.length;
  while (url[end - 1] === '/') end -= 1;
  return url.slice(0, end);
}
