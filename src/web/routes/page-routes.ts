import type { Request, RequestHandler, Response } from 'express';
import type { Clock } from '../../clock/clock.ts';
import type { TurnSlices } from '../../clock/turn-slices.ts';
import type { PeerName, PeerTarget } from '../../domain/peer-target.ts';
import { html, type Html, renderHtml } from '../pages/html.ts';
import { incidentPage } from '../pages/incident-page.ts';
import { incidentsPage } from '../pages/incidents-page.ts';
import { parseIncidentsQuery } from '../pages/incidents-query.ts';
import { missingPage } from '../pages/missing-page.ts';
import { ICON_PATH, PAGE_POLICY, type PageFrame, pageLayout, SCRIPT_PATH, STYLE_PATH } from '../pages/page-layout.ts';
import { fullTime } from '../pages/page-parts.ts';
import { MOST_SHOWN } from '../pages/observed/observed-section.ts';
import { heldBy } from '../pages/peer-identity.ts';
import { runbooksOf } from '../pages/peer-runbook.ts';
import { peerPage } from '../pages/peer-page.ts';
import { wordPage } from '../pages/word-page.ts';
import { wordsPage } from '../pages/words-page.ts';
import { peersPage } from '../pages/peers-page.ts';
import { parsePeersQuery } from '../pages/peers-query.ts';
import { selectPeers } from '../pages/select-peers.ts';
import { ICON_SVG } from '../pages/styles/icon.ts';
import { LIVE_SCRIPT } from '../pages/live/live-script.ts';
import { STYLE_SHEET } from '../pages/styles/style-sheet.ts';
import { timesSwitch } from '../pages/times-switch.ts';
import { textPieces } from '../server/text-pieces.ts';
import { parametersOf } from './parameters-of.ts';
import { sendLong } from './send-long.ts';
import type { WebBackend } from './web-backend.ts';

export type PageRoutesOptions = Pick<
  WebBackend,
  | 'peerStatus'
  | 'peerHistory'
  | 'peerRemovedAt'
  | 'observedOf'
  | 'targetOf'
  | 'shardOf'
  | 'settingPlaces'
  | 'runbookOf'
  | 'incidentRecords'
  | 'incidentRecord'
  | 'peersByGroup'
  | 'peerEntries'
  | 'peerSummary'
  | 'certificateEndsAt'
  | 'roundTripMs'
  | 'fleet'
  | 'health'
> & {
  readonly read: (path: string, handler: RequestHandler) => void;
  readonly clock: Clock;
  readonly slices: TurnSlices;
  /** What links begin with. */
  readonly prefix: string;
  readonly metricsPath: string;
  readonly version: string;
  readonly hostName: string;
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
  read('/words', (request, response) =>
    send(options, { request, response }, { page: wordsPage(frameOf(options, request)) }),
  );
  read('/words/:anchor', (request, response) => showWord(options, request, response));
  read('/incidents', (request, response) => showIncidents(options, request, response));
  read('/incidents/:id', (request, response) => showIncident(options, request, response));
}

function frameOf(options: PageRoutesOptions, request: Request): PageFrame {
  const { prefix, metricsPath, version, hostName, incidentRecords, clock, startedAt, health } = options;
  const running = incidentRecords().filter(({ event }) => event.state === 'running');
  return {
    prefix,
    metricsPath,
    version,
    hostName,
    now: clock.now(),
    startedAt,
    health: health(),
    runningIncidents: running.length,
    times: timesSwitch(prefix + request.path, parametersOf(request)),
  };
}

type Answer = { readonly request: Request; readonly response: Response };

/** Makes and sends a page in steps, so that nobody waits for one with many rows. */
async function send(
  { slices, clock }: PageRoutesOptions,
  { request, response }: Answer,
  { page, status = 200 }: { readonly page: Html; readonly status?: number },
): Promise<void> {
  const pace = slices.pace('other');
  const text = await renderHtml(page, pace);
  response.status(status).setHeader('Content-Security-Policy', PAGE_POLICY);
  response.setHeader('Referrer-Policy', 'no-referrer').type('text/html');
  await sendLong(request, response, { pieces: textPieces(text, pace), clock });
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
    return send(
      options,
      { request, response },
      { page: missingPage({ ...frameOf(options, request), ...page }), status: 400 },
    );
  }
  const { query } = parsed;
  const now = clock.now();
  const incidents = options.incidentRecords();
  const running = incidents.filter(({ event }) => event.state === 'running');
  // The table is of what Finrst holds.
  const ofHeld = running.filter(({ event }) => !event.isObserved);
  const pace = slices.pace('other');
  const entries = options.peerEntries();
  const selection = await selectPeers({ ...options, query, entries, incidents: ofHeld, now, pace });
  const { down } = selection.counts;
  const title = `${down === 0 ? 'all well' : `${down} down`}${running.length === 0 ? '' : ', incident'}`;
  const main = peersPage({
    query,
    selection,
    fleet: options.fleet(),
    incidents,
    historyOf: peerSummary,
    now,
    prefix,
    health: options.health(),
  });
  const page = pageLayout({ ...frameOf(options, request), title, isIncidents: false, kind: 'allpeers', main });
  await send(options, { request, response }, { page });
}

async function showPeer(options: PageRoutesOptions, request: Request, response: Response): Promise<void> {
  const parameters = parametersOf(request);
  const [group, peer] = [parameters.get('group') ?? '', parameters.get('peer') ?? ''];
  if (group === '' || peer === '') {
    const sentences = [
      'This page needs a group and a peer, as in ',
      html`<code>?group=payments&amp;peer=redis-0:6379</code>`,
    ];
    const page = missingPage({ ...frameOf(options, request), title: 'Which peer?', isIncidents: false, sentences });
    return send(options, { request, response }, { page, status: 400 });
  }
  const name = { group, peer };
  const id = await findPeer(options, name);
  const status = id === null ? null : options.peerStatus(id);
  const history = id === null ? null : options.peerHistory(id);
  if (status === null || history === null) {
    return missingPeer(options, name, { request, response });
  }
  const runbooks = await Promise.all(
    runbooksOf(status, history).map(async ({ title, anchor }) => ({
      title,
      anchor,
      section: await options.runbookOf(anchor),
    })),
  );
  const [target, shard, now] = [options.targetOf(name), options.shardOf(name), options.clock.now()];
  const places = options.settingPlaces(group);
  const observed = id === null ? null : options.observedOf(id, MOST_SHOWN);
  const page = peerPage({
    ...frameOf(options, request),
    now,
    status,
    history,
    target,
    shard,
    places,
    runbooks,
    observed,
  });
  return send(options, { request, response }, { page });
}

/** The number of a peer, looked for among all of them in steps: an index would cost memory for each, and people ask seldom. */
async function findPeer({ peerEntries, slices }: PageRoutesOptions, { group, peer }: PeerName): Promise<number | null> {
  const pace = slices.pace('other');
  for (const { ref } of peerEntries()) {
    if (pace.isOver()) await pace.next();
    if (ref.peer === peer && ref.group === group) return ref.id;
  }
  return null;
}

/** A peer of another shard is no error, and neither is it here. */
function missingPeer(options: PageRoutesOptions, name: PeerName, answer: Answer): Promise<void> {
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
  const page = missingPage({ ...frameOf(options, answer.request), title, isIncidents: false, sentences });
  return send(options, answer, { page, status: isElsewhere ? 200 : 404 });
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

async function showWord(options: PageRoutesOptions, request: Request, response: Response): Promise<void> {
  const anchor = String(request.params['anchor']);
  const section = await options.runbookOf(anchor);
  const frame = frameOf(options, request);
  if (section === null || section.body === '') {
    const sentences = [html`No section has this name. <a href="${options.prefix}/words">All words</a>`];
    const page = missingPage({ ...frame, title: anchor, isIncidents: false, sentences });
    return send(options, { request, response }, { page, status: 404 });
  }
  return send(options, { request, response }, { page: wordPage({ ...frame, section }) });
}

function showIncidents(options: PageRoutesOptions, request: Request, response: Response): Promise<void> {
  const query = parseIncidentsQuery(parametersOf(request));
  if (query === null) {
    const sentences = [
      'scope is group, label, prefix or process; range is 1h, 24h, 7d or 30d; offset is a whole number.',
    ];
    const page = missingPage({ ...frameOf(options, request), title: 'Incidents', isIncidents: true, sentences });
    return send(options, { request, response }, { page, status: 400 });
  }
  const records = options.incidentRecords();
  const now = options.clock.now();
  const page = incidentsPage({ ...frameOf(options, request), now, records, query, fleet: options.fleet() });
  return send(options, { request, response }, { page });
}

function showIncident(options: PageRoutesOptions, request: Request, response: Response): Promise<void> {
  const id = String(request.params['id']);
  const record = options.incidentRecord(id);
  if (record === null) {
    const sentences = ['There is no such incident here: the last 100 since the start of this process are kept.'];
    const page = missingPage({ ...frameOf(options, request), title: `Incident ${id}`, isIncidents: true, sentences });
    return send(options, { request, response }, { page, status: 404 });
  }
  const page = incidentPage({
    ...frameOf(options, request),
    now: options.clock.now(),
    record,
    peersByGroup: options.peersByGroup(),
    peerStatus: options.peerStatus,
  });
  return send(options, { request, response }, { page });
}
