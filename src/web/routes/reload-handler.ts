import type { RequestHandler } from 'express';
import { TokenBucket } from '../../clock/token-bucket.ts';
import type { Clock } from '../../clock/clock.ts';
import type { ReloadResult } from '../../settings/reload-result.ts';

export type ReloadHandlerOptions = {
  readonly enabled: boolean;
  readonly reload: () => Promise<ReloadResult>;
  readonly clock: Clock;
};

/** A sidecar that reports every change of a ConfigMap stays far below; a client in an endless loop cannot keep us reading files. */
const RELOADS = { intervalMs: 1000, burst: 10 } as const;

/** `POST` and `PUT /-/reload`: 200 once the reload is complete, or 500 with every problem on a line of its own. */
export function reloadHandler({ enabled, reload, clock }: ReloadHandlerOptions): RequestHandler {
  const bucket = new TokenBucket(clock, RELOADS);
  return async (request, response) => {
    response.setHeader('Cache-Control', 'no-store').type('text/plain');
    if (!enabled) {
      response.status(403).send('reloading over HTTP is off: start with --web.enable-lifecycle, or send SIGHUP\n');
      return;
    }
    // A page on another site may make a browser post here; no tool that reloads on purpose sends this header.
    if (request.get('Sec-Fetch-Site') === 'cross-site') {
      response.status(403).send('a reload cannot be asked for from another site\n');
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
