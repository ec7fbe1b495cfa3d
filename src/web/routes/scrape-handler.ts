import type { Request, RequestHandler } from 'express';
import type { Scraped, ScrapeOutcome } from '../../domain/events/process-events.ts';
import { Places, refuse } from '../server/places.ts';
import { CONTENT_TYPES, negotiateFormat } from '../server/negotiate.ts';
import type { ExpositionFormat } from '../../settings/exposition-format.ts';
import { sendPieces } from '../server/send-pieces.ts';
import type { Clock } from '../../clock/clock.ts';

export type ScrapeHandlerOptions = {
  readonly clock: Clock;
  readonly render: (format: ExpositionFormat) => AsyncIterable<string | Uint8Array>;
  readonly publish: (event: Scraped) => void;
};

/** Two Prometheus servers of a pair and one person looking. More at once would only make all of them slower. */
const MOST_AT_ONCE = 3;
/** For clients that name no timeout of their own: far above a scrape of 50,000 peers, far below for ever. */
const LONGEST_MS = 60_000;
/** What the answer needs to arrive before the scraper gives up, as in the blackbox exporter. */
const MARGIN_MS = 500;

/** `GET` of the telemetry path. Each request ends as exactly one `scraped` event; a HEAD renders nothing and is none. */
export function createScrapeHandler({ clock, render, publish }: ScrapeHandlerOptions): RequestHandler {
  const places = new Places(MOST_AT_ONCE);
  const report = (outcome: ScrapeOutcome): void => publish({ type: 'scraped', at: clock.now(), outcome });
  return async (request, response) => {
    const format = negotiateFormat(request.headers.accept);
    response.setHeader('Content-Type', CONTENT_TYPES[format]);
    response.setHeader('Vary', 'Accept, Accept-Encoding');
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    if (!places.take(response)) {
      report('rejected');
      refuse(response, `${MOST_AT_ONCE} scrapes are running already; try again in a second\n`);
      return;
    }
    let outcome: ScrapeOutcome = 'aborted';
    try {
      const gzip = request.acceptsEncodings('gzip') === 'gzip';
      outcome = await sendPieces(response, { pieces: render(format), gzip, clock, deadlineMs: deadlineOf(request) });
    } finally {
      report(outcome);
    }
  };
}

function deadlineOf(request: Request): number {
  const timeoutMs = Number(request.get('X-Prometheus-Scrape-Timeout-Seconds') ?? NaN) * 1000;
  if (!(timeoutMs > 0)) return LONGEST_MS;
  return Math.min(LONGEST_MS, Math.max(timeoutMs - MARGIN_MS, timeoutMs / 2));
}
