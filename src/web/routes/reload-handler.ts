import type { RequestHandler } from 'express';
import { TokenBucket } from '../../clock/token-bucket.ts';
import type { Clock } from '../../clock/clock.ts';
import type { ReloadResult } from '../../settings/reload-result.ts';

export type ReloadHandlerOptions = {
  readonly enabled: boolean;
  /** The URL under which browsers know us; null: only that of the request's own Host header. */
  readonly externalUrl: string | null;
  readonly reload: () => Promise<ReloadResult>;
  readonly clock: Clock;
};

/** A sidecar that reports every change of a ConfigMap stays far below; a client in an endless loop cannot keep us reading files. */
const RELOADS = { intervalMs: 1000, burst: 10 } as const;

/** `POST` and `PUT /-/reload`: 200 once the reload is complete, or 500 with every problem on a line of its own. */
export function reloadHandler({ enabled, externalUrl, reload, clock }: ReloadHandlerOptions): RequestHandler {
  const bucket = new TokenBucket(clock, RELOADS);
  return async (request, response) => {
    response.setHeader('Cache-Control', 'no-store').type('text/plain');
    if (!enabled) {
      response.status(403).send('reloading over HTTP is off: start with --web.enable-lifecycle, or send SIGHUP\n');
      return;
    }
    const origin = request.get('Origin');
    if (origin !== undefined && !isOwnOrigin(origin, { host: request.get('Host'), externalUrl })) {
      response.status(403).send('a reload cannot be asked for from a page of another site\n');
      return;
    }
    if (!bucket.take()) {
      response.status(429).setHeader('Retry-After', '1').send('too many reloads: try again in a second\n');
      return;
    }
    const result = await reload();
    if (result.kind === 'reloaded') response.status(200).send('reloaded\n');
    else response.status(500).send(`${result.problems.join('\n')}\n`);
  };
}

/**
 * Browsers name the page behind a POST or PUT in Origin; tools send none. A page of another site can make a browser post
 * here, too, so an Origin must name the host and port of the Host header or of the external URL. A host without a port
 * stands for that of the origin's scheme: whether TLS ends at a proxy before us cannot be known.
 */
function isOwnOrigin(
  origin: string,
  { host = '', externalUrl }: { readonly host: string | undefined; readonly externalUrl: string | null },
): boolean {
  const from = URL.parse(origin);
  if (from === null || !/^https?:$/.test(from.protocol)) return false;
  const asked = /^[^/?#@\\\s]+$/.test(host) ? URL.parse(`${from.protocol}//${host}`) : null;
  const external = externalUrl === null ? null : URL.parse(externalUrl);
  return [asked, external].some((own) => own !== null && hostAndPort(own) === hostAndPort(from));
}

function hostAndPort({ protocol, hostname, port }: URL): string {
  return `${hostname}:${port === '' ? { 'http:': '80', 'https:': '443' }[protocol] : port}`;
}
