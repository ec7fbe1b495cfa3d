import type { HeldByOthers, HeldNow } from '../../../sinks/status/observed-connections.ts';
import type { EndsOfHour, ObservedOfPeer, ObservedPeer } from '../../../sinks/status/observed-peers.ts';
import { formatHostPort } from '../../../text/host-port.ts';
import { html, type Html } from '../html.ts';
import { counted, figure, mark, time } from '../page-parts.ts';
import { agoOf } from '../times.ts';
import { whichDies } from './which-dies.ts';

/** Connections in the table: a pool is seen whole, and a page stays one. */
export const MOST_SHOWN = 50;

export type ObservedSectionOptions = {
  readonly observed: ObservedOfPeer;
  /** Whether ours is established; null: Finrst holds none. */
  readonly isOursUp: boolean | null;
  readonly now: number;
};

/** Ours beside those of the applications of this host: whose break, and which they have now. */
export function observedSection(options: ObservedSectionOptions): Html {
  const { observed, isOursUp, now } = options;
  const { ends, held } = observed;
  const { headline, sentence } = whichDies({
    ...ends,
    haveTheyAny: held.established + held.closeWait > 0,
    isOursUp,
  });
  return html`<section class="theirs" aria-labelledby="observed-h">
    <h2 id="observed-h">${headline}</h2>
    <p>Since ${time(ends.since, now)}: ${sentence} ${last(ends, now)}</p>
    ${beside(options)} ${leak(held, now)} ${() => heldTable(held, now)}
    <p class="basis">
      Counted are the ends since then, at most of the last hour. A connection broke where it got an error, ours also
      where a deadline of ours passed. A process that is killed closes in order.
    </p>
  </section>`;
}

function last({ lastBroken }: ObservedPeer, now: number): Html | null {
  if (lastBroken === null) return null;
  const { owner } = lastBroken.connection;
  const errno = lastBroken.errno !== undefined && html` (<code>${lastBroken.errno}</code>)`;
  const process = owner !== null && html`, of <bdi>${owner.executable ?? 'a process'}</bdi> (pid ${owner.pid})`;
  return html`The last one: ${mark('error')}${lastBroken.reason}${errno}, ${time(lastBroken.at, now)}${process}.`;
}

function beside({ observed: { ends, held }, isOursUp }: ObservedSectionOptions): Html {
  const row = (name: string, now: number, { broke, eof, local }: EndsOfHour): Html =>
    html`<tr>
      <th scope="row">${name}</th>
      ${[now, broke, eof, local].map((count) => html`<td class="num">${figure(count)}</td>`)}
    </tr>`;
  return html`<div class="panel scroll" tabindex="0" role="group" aria-label="Ours beside theirs, a table">
    <table class="data">
      <thead>
        <tr>
          <th scope="col">Whose</th>
          <th scope="col" class="num">Established now</th>
          <th scope="col" class="num">Broke</th>
          <th scope="col" class="num">Closed by the peer</th>
          <th scope="col" class="num">Closed on this side</th>
        </tr>
      </thead>
      <tbody>
        ${isOursUp !== null && row('Ours', isOursUp ? 1 : 0, ends.ours)} ${row('Theirs', held.established, ends.theirs)}
      </tbody>
    </table>
  </div>`;
}

function leak({ closeWait, first }: HeldNow, now: number): Html | null {
  const [oldest] = first;
  if (closeWait === 0 || oldest === undefined || oldest.closedAt === null) return null;
  const whose =
    closeWait === 1
      ? 'is closed by the peer and not by its process'
      : 'are closed by the peer and not by their processes';
  return html`<p>
    <strong>${counted(closeWait, 'connection')} ${whose}</strong> (CLOSE_WAIT), the oldest for
    ${atLeast(oldest)}${agoOf(oldest.closedAt, now)}: who does not read or never closes leaks them.
  </p>`;
}

function atLeast({ isOlder }: HeldByOthers): string {
  return isOlder ? 'at least ' : '';
}

function heldTable({ established, closeWait, first }: HeldNow, now: number): Html | null {
  if (first.length === 0) return null;
  const all = established + closeWait;
  const shown = first.length < all ? `the first ${figure(first.length)} of ${figure(all)}` : `all ${figure(all)}`;
  return html`<div class="head">
      <h3 id="theirs-h">Connections that applications have now</h3>
      <p class="quiet">${shown}; those that the peer has closed first, then the oldest</p>
    </div>
    <div class="panel scroll" tabindex="0" role="group" aria-labelledby="theirs-h">
      <table class="data">
        <thead>
          <tr>
            <th scope="col">Process</th>
            <th scope="col">Its end</th>
            <th scope="col">State</th>
            <th scope="col" class="num">For</th>
            <th scope="col" class="num">Age</th>
          </tr>
        </thead>
        <tbody>
          ${first.map((held) => () => heldRow(held, now))}
        </tbody>
      </table>
    </div>`;
}

function heldRow(held: HeldByOthers, now: number): Html {
  const { connection, establishedAt, closedAt } = held;
  const { id, local, owner } = connection;
  const pod = typeof owner?.pod === 'string' && html`, pod <bdi>${owner.pod}</bdi>`;
  const process =
    owner === null
      ? html`<span class="quiet">not known</span>`
      : html`<bdi>${owner.executable ?? 'gone'}</bdi>, pid ${owner.pid}${pod}`;
  const state = closedAt === null ? 'established' : html`<strong>CLOSE_WAIT</strong>`;
  return html`<tr data-key="observed-${id}">
    <th scope="row">${process}</th>
    <td><code>${formatHostPort(local.address, local.port)}</code></td>
    <td>${state}</td>
    <td class="num">${closedAt !== null && html`${atLeast(held)}${agoOf(closedAt, now)}`}</td>
    <td class="num">
      ${establishedAt === null ? html`<span class="quiet">older than Finrst's look</span>` : agoOf(establishedAt, now)}
    </td>
  </tr> `;
}
