import type { Request, RequestHandler, Response } from 'express';
import type { Clock } from '../../clock/clock.ts';
import type { TurnSlices } from '../../clock/turn-slices.ts';
import type { TargetStatus } from '../../domain/target-state.ts';
import type { ObservedStatus } from '../../sinks/status/observed-connections.ts';
import type { PeerStatus } from '../../sinks/status/peer-status.ts';
import { jsonListPieces } from '../server/text-pieces.ts';
import { parseEventParameters, parseStreamParameters } from './event-parameters.ts';
import { parametersOf } from './parameters-of.ts';
import { parseObservedParameters } from './observed-parameters.ts';
import { parsePeerParameters } from './peer-parameters.ts';
import { parseTargetParameters } from './target-parameters.ts';
import { sendLong } from './send-long.ts';
import { STREAM_TYPE, type EventStreams } from '../stream/event-streams.ts';
import type { WebBackend } from './web-backend.ts';

export type ApiRoutesOptions = Pick<
  WebBackend,
  'peers' | 'observed' | 'events' | 'feed' | 'incidents' | 'targets' | 'droppedTargets'
> & {
  readonly read: (path: string, handler: RequestHandler) => void;
  readonly clock: Clock;
  readonly slices: TurnSlices;
};

/** The JSON interface, version 1. */
export function apiRoutes(options: ApiRoutesOptions): void {
  const { read, clock, slices, peers, events, feed } = options;
  targetsRoute(options);
  observedRoute(options);
  read('/api/v1/incidents', (request, response) => {
    response.setHeader('Cache-Control', 'no-store').type('application/json');
    if (!refusesParameters(request, response)) response.json({ incidents: options.incidents() });
  });
  read('/api/v1/peers', async (request, response) => {
    response.setHeader('Cache-Control', 'no-store').type('application/json');
    const parsed = parsePeerParameters(parametersOf(request));
    if (parsed.kind === 'invalid') {
      response.status(400).json({ error: parsed.message });
      return;
    }
    const pieces = jsonListPieces('peers', peerTexts(peers(parsed.query)), slices.pace('other'));
    await sendLong(request, response, { pieces, clock });
  });
  read('/api/v1/events', async (request, response) => {
    response.setHeader('Cache-Control', 'no-store').type('application/json');
    const parsed = parseEventParameters(parametersOf(request));
    if (parsed.kind === 'invalid') {
      response.status(400).json({ error: parsed.message });
      return;
    }
    const { sinceId } = parsed.query;
    const gap = sinceId !== undefined && feed.isGapAfter(sinceId) ? { name: 'gap', value: true } : null;
    const pieces = jsonListPieces('events', events(parsed.query), slices.pace('other'), gap);
    await sendLong(request, response, { pieces, clock });
  });
}

export type StreamRouteOptions = Pick<ApiRoutesOptions, 'read' | 'slices'> & { readonly streams: EventStreams };

/** `GET /api/v1/events/stream`: server-sent events. */
export function streamRoute({ read, slices, streams }: StreamRouteOptions): void {
  read('/api/v1/events/stream', async (request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    const parsed = parseStreamParameters(parametersOf(request), request.get('Last-Event-ID'));
    if (parsed.kind === 'invalid') {
      response.status(400).json({ error: parsed.message });
      return;
    }
    if (request.method !== 'HEAD') {
      await streams.serve(response, { ...parsed, pace: slices.pace('other') });
      return;
    }
    response.setHeader('Content-Type', STREAM_TYPE).end();
  });
}

/** A parameter that is not known would be obeyed by nobody: it is answered with 400. */
function refusesParameters(request: Request, response: Response): boolean {
  const [unknown] = parametersOf(request).keys();
  if (unknown === undefined) return false;
  response.status(400).json({ error: `unknown parameter ${JSON.stringify(unknown.slice(0, 40))}: none is expected` });
  return true;
}

function targetsRoute({ read, clock, slices, targets, droppedTargets }: ApiRoutesOptions): void {
  read('/api/v1/targets', async (request, response) => {
    response.setHeader('Cache-Control', 'no-store').type('application/json');
    const parsed = parseTargetParameters(parametersOf(request));
    if (parsed.kind === 'invalid') {
      response.status(400).json({ error: parsed.message });
      return;
    }
    const texts = targetTexts(targets(parsed.query), parsed.limit);
    const dropped = { name: 'dropped', value: droppedTargets() };
    await sendLong(request, response, {
      pieces: jsonListPieces('targets', texts, slices.pace('other'), dropped),
      clock,
    });
  });
}

function observedRoute({ read, clock, slices, observed }: ApiRoutesOptions): void {
  read('/api/v1/observed', async (request, response) => {
    response.setHeader('Cache-Control', 'no-store').type('application/json');
    const parsed = parseObservedParameters(parametersOf(request));
    if (parsed.kind === 'invalid') {
      response.status(400).json({ error: parsed.message });
      return;
    }
    const texts = observedTexts(observed(parsed.query));
    await sendLong(request, response, { pieces: jsonListPieces('observed', texts, slices.pace('other')), clock });
  });
}

function* observedTexts(connections: Iterable<ObservedStatus>): Iterable<string> {
  for (const connection of connections) yield JSON.stringify(connection);
}

function* targetTexts(targets: Iterable<TargetStatus>, limit: number): Iterable<string> {
  let left = limit;
  for (const target of targets) {
    yield JSON.stringify(target);
    if (--left === 0) return;
  }
}

function* peerTexts(peers: Iterable<PeerStatus>): Iterable<string> {
  for (const peer of peers) yield JSON.stringify(peer);
}
