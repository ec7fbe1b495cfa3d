import { announcementWords, failureWords, reasonWords } from '../../explanations/reason-words.ts';
import type { DisconnectReason } from '../../domain/disconnect.ts';
import type { ConnectFailure } from '../../domain/connect-failure.ts';
import type { IncidentRecord } from '../../sinks/status/known-incidents.ts';
import type { HistorySummary } from '../../sinks/status/peer-history.ts';
import type { PeerEntry } from '../../sinks/status/peer-status.ts';
import { goodbyeName } from '../../explanations/goodbye-words.ts';
import { hintEvidence } from '../../explanations/hint-words.ts';
import { html, type Html, type HtmlValue } from './html.ts';
import { scopeOf } from './incident-words.ts';
import { figure, incidentHref, kindOfEnd, mark, peerHref, stateLine } from './page-parts.ts';
import { isDown, isEndingSoon, pageState, sinceOf } from './select-peers.ts';
import { stripOf } from './strip.ts';
import { agoOf, dueOf } from './times.ts';

/** Labels of a row: more would not be read, and a pod has thirty. */
const MOST_LABELS = 4;

const HIT: Html = html` class="hit"`;

export type Row = { readonly entry: PeerEntry; readonly history: HistorySummary | null; readonly isHit: boolean };

export type Around = {
  readonly prefix: string;
  /** Wall-clock milliseconds. */
  readonly now: number;
  /** Undefined: it is forgotten. */
  readonly incidentOf: (id: string) => IncidentRecord | undefined;
};

/** Two lines for one peer, whatever is known of it: rows never change their height. */
export function peerRow({ entry, history, isHit }: Row, around: Around): Html {
  const { prefix, now } = around;
  const { ref, disconnects } = entry;
  const counts = (
    [
      ['error', disconnects.error],
      ['idle', disconnects.idle_timeout],
      ['eof', disconnects.eof],
    ] as const
  ).map(([name, count]) => html`<td role="cell" class="num c-n n-${name} ${count > 0 ? 'n1' : ''}">${count}</td>`);
  const strip = history === null ? null : stripOf(history, entry.up, now);
  const sample = history?.sample;
  const roundTrip = sample === undefined ? html`<span class="quiet nil">–</span>` : html`${roundTripOf(sample.rttMs)}`;
  return html`<tr role="row" data-key="peer-${ref.id}" data-peer="${ref.id}" ${isHit && HIT}>
    <td role="cell" class="c-state">${stateOf(entry, now)}</td>
    <th role="rowheader" scope="row" class="c-peer">
      ${peerLink(ref, prefix)}
      <div class="l2"><b>${ref.group}</b> ${labelsOf(entry)}</div>
    </th>
    <td role="cell" class="c-end">
      <div>${endOf(entry, history)}</div>
      <div class="l2">${nowOf({ entry, history, isHit }, around)}</div>
    </td>
    <td role="cell" class="c-strip">${strip}</td>
    <td role="cell" class="num c-rtt">${roundTrip}</td>
    ${counts}
  </tr>`;
}

/** A link to the page of a peer: cut at the end of the host where there is no room, so that the port stays. */
export function peerLink({ group, peer }: { readonly group: string; readonly peer: string }, prefix: string): Html {
  const colon = peer.lastIndexOf(':');
  const [host, port] = colon === -1 ? [peer, ''] : [peer.slice(0, colon), peer.slice(colon)];
  return html`<a class="peer" href="${peerHref(prefix, { group, peer })}" title="${peer}"
    ><bdi class="host">${host}</bdi><span class="port">${port}</span></a
  >`;
}

function stateOf(entry: PeerEntry, now: number): Html {
  const down = isDown(entry);
  const state = down ? 'down' : pageState(entry.state);
  const name = state === 'down' && !down ? 'waiting' : state;
  return html`<div>${stateLine(entry.up)}<span class="${down ? 'isdown strong' : ''}">${name}</span></div>
    <div class="l2">${agoOf(sinceOf(entry), now)}</div>`;
}

function labelsOf({ facts }: PeerEntry): string {
  const all = Object.entries(facts.labels);
  const shown = all.slice(0, MOST_LABELS).map(([name, value]) => `${name}=${value}`);
  return [...shown, ...(all.length > MOST_LABELS ? ['…'] : [])].join(' ');
}

function endOf({ lastDisconnect, connections, state }: PeerEntry, history: HistorySummary | null): Html {
  if (state === 'not_held') return html`<span class="quiet">only observed</span>`;
  if (lastDisconnect === null)
    return html`<span class="quiet">${connections === 0 ? 'never connected' : 'none since the start'}</span>`;
  const { class: endClass, reason, announced } = lastDisconnect;
  const end = history?.lastEnd;
  const said = end?.type === 'disconnected' ? goodbyeName(end) : undefined;
  const words =
    announced !== undefined
      ? `announced: ${announcementWords(announced)}`
      : said === undefined
        ? reasonWords(reason as DisconnectReason).what
        : `it said why: ${said}`;
  return html`${mark(kindOfEnd(endClass, announced !== undefined))}<span class="reason">${reason}</span> ${words}`;
}

/** What stops a peer that is down now, and when it is tried again; else what the evidence of its last end supports, or what comes. */
function nowOf({ entry, history, isHit }: Row, around: Around): HtmlValue {
  const { lastFailure, failuresInARow } = entry;
  const next = nextTryOf(entry, around.now);
  if (lastFailure !== null && failuresInARow > 0) {
    const { phase, reason } = lastFailure;
    const { what } = failureWords({ phase, reason } as ConnectFailure);
    const tries = next ?? `${figure(failuresInARow)} ${failuresInARow === 1 ? 'try' : 'tries'}`;
    const said = history?.failure === undefined ? undefined : goodbyeName(history.failure);
    return html`${mark('failed')}<b>${phase}/${reason}</b>, ${tries}: ${said === undefined ? what : `it said ${said}`}`;
  }
  const known = history === null ? null : explainedBy(history, isHit, around);
  return next === null ? known : known === null ? next : html`${next}; ${known}`;
}

/** The incident of its last end, or what else explains it; a certificate that ends soon, where nothing does. */
function explainedBy(
  { lastEnd, certificate }: HistorySummary,
  isHit: boolean,
  { prefix, now, incidentOf }: Around,
): Html | null {
  if (lastEnd?.type === 'disconnected') {
    const { incident, hint } = lastEnd;
    // The heading above says which incident.
    const record = incident === undefined || isHit ? undefined : incidentOf(incident);
    const evidence = hintEvidence(lastEnd);
    if (record !== undefined)
      return html`in <a href="${incidentHref(prefix, record.event.id)}">incident ${record.event.id}</a>:
        ${figure(record.event.ended)} of ${figure(record.event.of)} peers of <bdi>${scopeOf(record.event.scope)}</bdi>`;
    if (hint !== undefined) return html`<span class="hint" title="${evidence}"><b>${hint.name}</b>: ${evidence}</span>`;
  }
  const endsAt = certificate?.expiresAt ?? null;
  if (endsAt === null || !isEndingSoon(endsAt, now)) return null;
  return html`its certificate
  ${endsAt > now ? html`ends <span class="rel">in</span> ${dueOf(endsAt, now)}` : 'has ended'}`;
}

/** `10th try in 14 s`, counted since it was last connected; null: none is waited for. */
function nextTryOf({ state, up, since, retryInMs, failuresInARow }: PeerEntry, now: number): Html | null {
  if (state !== 'backoff' || up || retryInMs === null) return null;
  const at = since + retryInMs;
  const which = html`<b>${ordinal(failuresInARow + 1)} try</b>`;
  // It waits for its turn in the connect rate, or behind other logins.
  return at <= now ? html`${which} due` : html`${which} <span class="rel">in</span> ${dueOf(at, now)}`;
}

/** `1st`, `12th`, `7,292nd` */
function ordinal(count: number): string {
  const isTeen = Math.floor(count / 10) % 10 === 1;
  return figure(count) + (isTeen ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th'));
}

function roundTripOf(milliseconds: number): string {
  if (milliseconds < 10) return `${milliseconds.toFixed(2)} ms`;
  return `${milliseconds < 100 ? milliseconds.toFixed(1) : milliseconds.toFixed(0)} ms`;
}
