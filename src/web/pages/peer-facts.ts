import { attemptWords } from '../../explanations/reason-words.ts';
import type { PeerTarget } from '../../domain/peer-target.ts';
import type { PeerHistory } from '../../sinks/status/peer-history.ts';
import type { PeerStatus } from '../../sinks/status/peer-status.ts';
import { readableBytes, readableDuration } from '../../text/figures.ts';
import { html, type Html, type HtmlValue } from './html.ts';
import { figure, fullTime, mark, time } from './page-parts.ts';
import type { ShownState } from './peer-state.ts';
import { timelineOf } from './peer-timeline.ts';
import { agoOf } from './times.ts';

export type FactsOptions = {
  readonly now: number;
  readonly status: PeerStatus;
  readonly history: PeerHistory;
  readonly target: PeerTarget | null;
};

/** How it is now and how often, in a row of figures. */
export function factsList(options: FactsOptions, state: ShownState): Html {
  return html`<dl class="facts">${[...counts(options, state), ...measured(options)]}</dl>`;
}

function fact(name: HtmlValue, value: HtmlValue, notes: readonly HtmlValue[]): Html {
  const shown = notes.filter((note) => note !== null && note !== false);
  return html`<div>
    <dt>${name}</dt>
    <dd class="v">${value}</dd>
    ${shown.map((note) => html`<dd>${note}</dd>`)}
  </div> `;
}

function counts({ status, history, now }: FactsOptions, { word, since }: ShownState): readonly Html[] {
  const { disconnects, address, failures_in_a_row: inARow } = status;
  const line = status.up ? html`<path class="up" d="M0 4H16" />` : html`<path class="down" d="M0 4H16" />`;
  const drawn = html`<svg class="state" viewBox="0 0 16 8" aria-hidden="true">${line}</svg>${word}`;
  const where = address !== undefined && html`, ${status.up ? 'to' : 'last to'} <code>${address}</code>`;
  const ends = html`${mark('error')}${figure(disconnects.error)}
  ${mark('idle_timeout')}${figure(disconnects.idle_timeout)} ${mark('eof')}${figure(disconnects.eof)}`;
  return [
    fact('State', drawn, [html`for ${agoOf(since, now)}${where}`, stopped(status, history)]),
    fact(html`Ends since ${time(history.since, now)}`, ends, [
      `${figure(status.connections)} connected, ${figure(status.local_closes)} closed by us`,
      backWithin(history),
    ]),
    ...(history.changes.length > 0 ? [fact('Connected', ...availability(history, now))] : []),
    fact('Failed attempts', figure(status.connect_failures), [
      inARow === 0 ? 'none since it was last connected' : `${figure(inARow)} in a row`,
    ]),
    fact('Received', readableBytes(status.received_bytes), [`${readableBytes(status.sent_bytes)} sent`]),
  ];
}

/** How long it took at most until it was connected again, of the ends that are kept; null: there were none, or it is not back. */
function backWithin({ changes }: PeerHistory): string | null {
  let [longestMs, endedAt]: [number, number | null] = [-1, null];
  for (const { at, kind } of changes) {
    if (kind === 'connected' && endedAt !== null) longestMs = Math.max(longestMs, at - endedAt);
    endedAt = kind === 'connected' ? null : (endedAt ?? (kind === 'failed' ? null : at));
  }
  return endedAt !== null || longestMs < 0 ? null : `back within ${readableDuration(longestMs)} each time`;
}

/** The share of the time of the timeline in which a connection was held, and how long there was none. */
function availability(history: PeerHistory, now: number): readonly [value: string, notes: readonly HtmlValue[]] {
  const { stretches, since, from, to } = timelineOf(history, now);
  const downMs = stretches.reduce((sum, each) => sum + (each.isUp ? 0 : each.to - each.from), 0) * (to - from);
  const lengthMs = Math.max(1, to - since);
  // Rounded down: what was down for a second was not up for all of the day.
  const share = Math.floor(100_000 * (1 - downMs / lengthMs)) / 1000;
  return [
    `${share} %`,
    [html`since ${time(since, now)}`, downMs < 1 ? 'never down' : `down ${readableDuration(downMs)} in all`],
  ];
}

/** What stops a peer that is down: the newest failed attempt. */
function stopped({ up }: PeerStatus, { attempts }: PeerHistory): Html | null {
  const failure = attempts[0]?.failure ?? null;
  return up || failure === null ? null : html`now: ${attemptWords(failure).what}`;
}

/** What the kernel and the handshake showed of the connection. */
function measured({ history, now, target }: FactsOptions): readonly Html[] {
  const { sample, certificate } = history;
  const facts: Html[] = [];
  if (sample !== undefined) {
    const { at, rttMs, minRttMs, retransmits, silenceMs } = sample;
    facts.push(
      fact('Round trip', readableDuration(rttMs), [
        `least ${readableDuration(minRttMs)}, ${figure(retransmits)} retransmits`,
      ]),
      fact('Silent since', time(at - silenceMs, now), ['by the last reading of TCP_INFO', keepalive(target)]),
    );
  }
  if (certificate !== undefined) {
    const { expiresAt, readAt } = certificate;
    const left = expiresAt > now ? readableDuration(expiresAt - now) : 'it has ended';
    facts.push(
      fact('Certificate ends in', left, [html`${fullTime(expiresAt).slice(0, 10)}, read ${time(readAt, now)}`]),
    );
  }
  return facts;
}

function keepalive(target: PeerTarget | null): string | null {
  if (target === null) return null;
  const { keepalive: setting } = target.settings;
  return setting === null ? 'keepalive is off' : `keepalive is due within ${setting.idleSeconds} s`;
}
