import type { RequestHandler } from 'express';
import { parseEventParameters } from './event-parameters.ts';
import { sendPieces } from '../server/send-pieces.ts';
import type { Clock } from '../../clock/clock.ts';
import type { PeerStatus } from '../../sinks/status/peer-status.ts';
import type { WebBackend } from './web-backend.ts';

export type ApiRoutesOptions = Pick<WebBackend, 'peers' | 'events'> & {
  readonly read: (path: string, handler: RequestHandler) => void;
  readonly clock: Clock;
};

/** One list of peers at a time per reader is plenty; a slow reader loses its connection instead of holding it for ever. */
const LONGEST_MS = 60_000;

/** The JSON interface, version 1. */
export function apiRoutes({ read, clock, peers, events }: ApiRoutesOptions): void {
  read('/api/v1/peers', async (request, response) => {
    response.setHeader('Cache-Control', 'no-store').setHeader('Vary', 'Accept-Encoding').type('application/json');
    const [unknown] = parametersOf(request).keys();
    if (unknown !== undefined) {
      response
        .status(400)
        .json({ error: `unknown parameter ${JSON.stringify(unknown.slice(0, 40))}: none is expected` });
      return;
    }
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    const gzip = request.acceptsEncodings('gzip') === 'gzip';
    await sendPieces(response, { pieces: jsonPieces(peers(), clock), gzip, clock, deadlineMs: LONGEST_MS });
  });
  read('/api/v1/events', (request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    const parsed = parseEventParameters(parametersOf(request));
    if (parsed.kind === 'invalid') response.status(400).json({ error: parsed.message });
    else response.json({ events: events(parsed.query) });
  });
  read('/api/v1/events/stream', (_request, response) => {
    response.setHeader('Cache-Control', 'no-store').type('text/plain').status(501);
    response.send('the event stream is not built yet: poll /api/v1/events\n');
  });
}

function parametersOf(request: Parameters<RequestHandler>[0]): URLSearchParams {
  const at = request.originalUrl.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : request.originalUrl.slice(at + 1));
}

/** One write; the objects of a few hundred peers. */
const PIECE_CHARACTERS = 64 * 1024;
const BUDGET_MS = 2;

/** `{"peers":[...]}` in pieces, giving the event loop back after each few milliseconds. */
async function* jsonPieces(peers: Iterable<PeerStatus>, clock: Clock): AsyncIterable<string> {
  let piece = '{"peers":[';
  let separator = '';
  let turnBegan = clock.monotonic();
  for (const peer of peers) {
    piece += separator + JSON.stringify(peer);
    separator = ',';
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = '';
    if (clock.monotonic() - turnBegan < BUDGET_MS) continue;
    await new Promise<void>((resolve) => void clock.afterPoll(resolve));
    turnBegan = clock.monotonic();
  }
  yield `${piece}]}\n`;
}
