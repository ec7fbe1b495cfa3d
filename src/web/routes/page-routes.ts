import type { Request, RequestHandler, Response } from 'express';
import type { Clock } from '../../clock/clock.ts';
import type { TurnSlices } from '../../clock/turn-slices.ts';
import type { PeerName, PeerTarget } from '../../domain/peer-target.ts';
import { ALL_PEERS } from '../../sinks/status/peer-query.ts';
import { html } from '../pages/html.ts';
import { incidentPage } from '../pages/incident-page.ts';
import { incidentsPage } from '../pages/incidents-page.ts';
import { missingPage } from '../pages/missing-page.ts';
import { ICON_PATH, PAGE_POLICY, type PageFrame, pageLayout, SCRIPT_PATH, STYLE_PATH } from '../pages/page-layout.ts';
import { fullTime } from '../pages/page-parts.ts';
import { heldBy } from '../pages/peer-identity.ts';
import { peerPage } from '../pages/peer-page.ts';
import { peersPage } from '../pages/peers-page.ts';
import { parsePeersQuery } from '../pages/peers-query.ts';
import { selectPeers } from '../pages/select-peers.ts';
import { ICON_SVG } from '../pages/styles/icon.ts';
import { LIVE_SCRIPT } from '../pages/live/live-script.ts';
import { STYLE_SHEET } from '../pages/styles/style-sheet.ts';
import { parametersOf } from './parameters-of.ts';
import type { WebBackend } from './web-backend.ts';

export type PageRoutesOptions = Pick<
  WebBackend,
  | 'peers'
  | 'peerHistory'
  | 'peerRemovedAt'
  | 'targetOf'
  | 'shardOf'
  | 'incidentRecords'
  | 'incidentRecord'
  | 'endedAt'
  | 'peersByGroup'
  | 'peerEntries'
  | 'peerSummary'
  | 'fleet'
> & {
  readonly read: (path: string, handler: RequestHandler) => void;
  readonly clock: Clock;
  readonly slices: TurnSlices;
  /** What links begin with. */
  readonly prefix: string;
  readonly metricsPath: string;
  readonly version: string;
  /** Wall-clock milliseconds. */
  readonly startedAt: number;
};

/** The pages for people: all peers, one of them, the incidents, one incident. Each is made when it is asked for. */
export function pageRoutes(options: PageRoutesOptions): void {
  const { read } = options;
  read(STYLE_PATH, (_request, response) => {
    response.setHeader('Cache-Control', 'no-cache').type('text/css').send(STYLE_SHEET);
  });
  read(SCRIPT_PATH, (_request, response) => {
    // A worker has the policy that comes with its script.
    response.setHeader('Cache-Control', 'no-cache').setHeader('Content-Security-Policy', PAGE_POLICY);
    response.type('text/javascript').send(LIVE_SCRIPT);
  });
  read(ICON_PATH, (_request, response) => {
    response.setHeader('Cache-Control', 'no-cache').type('image/svg+xml').send(ICON_SVG);
  });
  read('/', (request, response) => showPeers(options, request, response));
  read('/peer', (request, response) => showPeer(options, request, response));
  read('/incidents', (request, response) => showIncidents(options, request, response));
  read('/incidents/:id', (request, response) => showIncident(options, request, response));
}

function frameOf(options: PageRoutesOptions): PageFrame {
  const { prefix, metricsPath, version, incidentRecords, clock, startedAt } = options;
  const running = incidentRecords().filter(({ event }) => event.state === 'running');
  return { prefix, metricsPath, version, now: clock.now(), startedAt, runningIncidents: running.length };
}

function send(response: Response, status: number, page: string): void {
  response.status(status).setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Security-Policy', PAGE_POLICY);
  response.setHeader('Referrer-Policy', 'no-referrer').type('text/html').send(page);
}

async function showPeers(options: PageRoutesOptions, request: Request, response: Response): Promise<void> {
  const { clock, slices, prefix, peerSummary } = options;
  const parsed = parsePeersQuery(parametersOf(request));
  if (parsed.kind === 'redirect') {
    response.redirect(302, `${prefix}/${parsed.search}`);
    return;
  }
  if (parsed.kind === 'invalid') {
    const page = { title: 'No such view', isIncidents: false, sentences: [`${parsed.message}.`] };
    send(response, 400, missingPage({ ...frameOf(options), ...page }));
    return;
  }
  const { query } = parsed;
  const now = clock.now();
  const incidents = options.incidentRecords();
  const running = incidents.filter(({ event }) => event.state === 'running');
  const pace = slices.pace('other');
  const selection = await selectPeers({ query, entries: options.peerEntries(), incidents: running, now, pace });
  const { down } = selection.counts;
  const title = `${down === 0 ? 'all well' : `${down} down`}${running.length === 0 ? '' : ', incident'}`;
  const main = peersPage({ query, selection, fleet: options.fleet(), incidents, historyOf: peerSummary, now, prefix });
  send(response, 200, pageLayout({ ...frameOf(options), title, isIncidents: false, kind: 'allpeers', main }));
}

function showPeer(options: PageRoutesOptions, request: Request, response: Response): void {
  const parameters = parametersOf(request);
  const [group, peer] = [parameters.get('group') ?? '', parameters.get('peer') ?? ''];
  if (group === '' || peer === '') {
    const sentences = [
      'This page needs a group and a peer, as in ',
      html`<code>?group=payments&amp;peer=redis-0:6379</code>`,
    ];
    send(response, 400, missingPage({ ...frameOf(options), title: 'Which peer?', isIncidents: false, sentences }));
    return;
  }
  const name = { group, peer };
  const [status] = options.peers({ ...ALL_PEERS, ...name, limit: 1 });
  const history = options.peerHistory(name);
  const target = options.targetOf(name);
  const shard = options.shardOf(name);
  if (status === undefined || history === null) {
    missingPeer(options, name, response);
    return;
  }
  const now = options.clock.now();
  send(response, 200, peerPage({ ...frameOf(options), now, status, history, target, shard }));
}

/** A peer of another shard is no error, and neither is it here. */
function missingPeer(options: PageRoutesOptions, name: PeerName, response: Response): void {
  const target = options.targetOf(name);
  const shard = options.shardOf(name);
  const removedAt = options.peerRemovedAt(name);
  const isElsewhere = target?.state === 'other_shard';
  const sentences = [
    sentenceOf(target, heldBy(shard)),
    removedAt !== null && `This process knew it until ${fullTime(removedAt)}.`,
    target === null &&
      shard !== null &&
      `If it were configured, ${shard.isThis ? 'this shard' : `shard ${shard.ordinal} of ${shard.total}`} would hold it.`,
  ].filter((sentence) => sentence !== false);
  const title = `${name.peer} of ${name.group}`;
  send(response, isElsewhere ? 200 : 404, missingPage({ ...frameOf(options), title, isIncidents: false, sentences }));
}

function sentenceOf(target: PeerTarget | null, holder: string): string {
  switch (target?.state) {
    case undefined:
      return 'There is no such peer: no target makes it. A peer is named as its target is written, and belongs to one group.';
    case 'other_shard':
      return `Held by ${holder}. Its page is there.`;
    case 'over_limit':
      return 'It is not held: its group has more targets than its target_limit.';
    case 'active':
    case 'lingering':
      return 'It has just come or gone: ask again in a moment.';
  }
}

function showIncidents(options: PageRoutesOptions, request: Request, response: Response): void {
  const offset = parametersOf(request).get('offset') ?? '0';
  if (!/^\d{1,4}$/.test(offset)) {
    const sentences = ['offset: expected a whole number.'];
    send(response, 400, missingPage({ ...frameOf(options), title: 'Incidents', isIncidents: true, sentences }));
    return;
  }
  const records = options.incidentRecords();
  const now = options.clock.now();
  send(response, 200, incidentsPage({ ...frameOf(options), now, records, offset: Number(offset) }));
}

function showIncident(options: PageRoutesOptions, request: Request, response: Response): void {
  const id = String(request.params['id']);
  const record = options.incidentRecord(id);
  if (record === null) {
    const sentences = ['There is no such incident here: the last 100 since the start of this process are kept.'];
    send(response, 404, missingPage({ ...frameOf(options), title: `Incident ${id}`, isIncidents: true, sentences }));
    return;
  }
  const page = incidentPage({
    ...frameOf(options),
    now: options.clock.now(),
    record,
    peersByGroup: options.peersByGroup(),
    endedAt: options.endedAt,
  });
  send(response, 200, page);
}
