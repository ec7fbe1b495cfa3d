import type { RequestHandler } from 'express';
import type { Clock } from '../../clock/clock.ts';
import type { TurnSlices } from '../../clock/turn-slices.ts';
import type { PeerStatus } from '../../sinks/status/peer-status.ts';
import { jsonListPieces } from '../server/text-pieces.ts';
import { parseEventParameters } from './event-parameters.ts';
import { sendLong } from './send-long.ts';
import type { WebBackend } from './web-backend.ts';

export type ApiRoutesOptions = Pick<WebBackend, 'peers' | 'events'> & {
  readonly read: (path: string, handler: RequestHandler) => void;
  readonly clock: Clock;
  readonly slices: TurnSlices;
};

/** The JSON interface, version 1. */
export function apiRoutes({ read, clock, slices, peers, events }: ApiRoutesOptions): void {
  read('/api/v1/peers', async (request, response) => {
    response.setHeader('Cache-Control', 'no-store').type('application/json');
    const [unknown] = parametersOf(request).keys();
    if (unknown !== undefined) {
      response
        .status(400)
        .json({ error: `unknown parameter ${JSON.stringify(unknown.slice(0, 40))}: none is expected` });
      return;
    }
    await sendLong(request, response, {
      pieces: jsonListPieces('peers', peerTexts(peers()), slices.pace('other')),
      clock,
    });
  });
  read('/api/v1/events', async (request, response) => {
    response.setHeader('Cache-Control', 'no-store').type('application/json');
    const parsed = parseEventParameters(parametersOf(request));
    if (parsed.kind === 'invalid') {
      response.status(400).json({ error: parsed.message });
      return;
    }
    const pieces = jsonListPieces('events', events(parsed.query), slices.pace('other'));
    await sendLong(request, response, { pieces, clock });
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

function* peerTexts(peers: Iterable<PeerStatus>): Iterable<string> {
  for (const peer of peers) yield JSON.stringify(peer);
}
