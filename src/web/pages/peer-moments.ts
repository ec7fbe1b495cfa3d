import { KERNEL_TICK_MS } from '../../domain/silences.ts';
import type { PeerEnd, PeerHistory } from '../../sinks/status/peer-history.ts';
import { readableBytes, readableDuration } from '../../text/figures.ts';
import { timestamp } from '../../text/timestamp.ts';
import { html, type Html, type HtmlValue } from './html.ts';
import { figure, fullTime, kindOfEnd, mark, wordHref } from './page-parts.ts';

/** Who sent something; null: nobody. */
type Moment = { readonly at: number | null; readonly from: 'peer' | 'us' | null; readonly what: HtmlValue };

const ARROWS = { peer: '←', us: '→' } as const;

/** The last moments of the newest end, as who sent what; null: it never ended, or we ended it. */
export function momentsSection({ ends, changes }: PeerHistory, prefix: string): Html | null {
  const [end] = ends;
  if (end === undefined || end.type === 'localClosed') return null;
  const after = changes.find(({ at, kind }) => kind === 'connected' && at >= Math.floor(end.at));
  const again: Moment | null =
    after === undefined ? null : { at: after.at, from: null, what: backAfter(end, after.at) };
  return html`<section aria-labelledby="moments-h">
    <h2 id="moments-h">The last moments of end 1</h2>
    <ol class="moments panel">
      ${before(end).map(item)}
      <li class="gap">
        <span></span><span class="dir" aria-hidden="true"></span>
        <span><strong>${readableDuration(end.quietMs)} without a packet either way.</strong></span>
      </li>
      ${[ours(end), itsEnd(end), again].map((moment) => moment && item(moment))}
    </ol>
    ${end.reason === 'reset' && whoReset(prefix)}
  </section>`;
}

function whoReset(prefix: string): Html {
  return html`<p class="basis">
    Not known: who sent the RST. A box that forgot the connection and the peer itself look the same from here.
    <a href="${wordHref(prefix, 'what-a-socket-cannot-tell')}">What a socket cannot tell</a>
  </p>`;
}

function item({ at, from, what }: Moment): Html {
  const clock =
    at === null
      ? html`<span></span>`
      : html`<time datetime="${timestamp(at)}" title="${fullTime(at)}">${timestamp(at).slice(11, 23)}</time>`;
  const arrow =
    from === null
      ? html`<span class="dir"></span>`
      : html`<span class="dir" role="img" aria-label="${from === 'peer' ? 'from the peer' : 'from us'}"
          >${ARROWS[from]}</span
        >`;
  return html`<li>${clock}${arrow}<span>${what}</span></li>`;
}

/** The last payload and the last packet before the silence, as far as they are different ones. */
function before(end: Extract<PeerEnd, { type: 'disconnected' }>): readonly Moment[] {
  const { at, durationMs, idleMs, payloadQuietMs, quietMs, receivedBytes } = end;
  const moments: Moment[] = [];
  if (receivedBytes > 0 && idleMs < durationMs)
    moments.push({ at: at - idleMs, from: 'peer', what: 'the last byte of the peer' });
  else moments.push({ at: at - durationMs, from: null, what: 'established; not a byte of the peer came' });
  if (payloadQuietMs < idleMs) moments.push({ at: at - payloadQuietMs, from: 'us', what: 'the last payload of ours' });
  if (quietMs < payloadQuietMs)
    moments.push({ at: at - quietMs, from: null, what: 'the last packet either way, without payload' });
  return moments.toSorted((one, other) => (one.at ?? 0) - (other.at ?? 0));
}

function ours({ tcp, reason, keepaliveIdleMs, quietMs }: Extract<PeerEnd, { type: 'disconnected' }>): Moment | null {
  if (tcp === undefined) return null;
  const { outstandingBytes, pendingRetransmits, pendingProbes } = tcp;
  if (outstandingBytes > 0)
    return {
      at: null,
      from: 'us',
      what: `${readableBytes(outstandingBytes)} of ours, not acknowledged${pendingRetransmits === 0 ? '' : `; sent again ${figure(pendingRetransmits)} times`}`,
    };
  if (pendingProbes > 0 || reason === 'keepalive_timeout')
    return { at: null, from: 'us', what: `${figure(pendingProbes)} keepalive probes, not answered` };
  // A probe that is answered by a RST is not outstanding any more.
  if (reason === 'reset' && keepaliveIdleMs !== undefined && quietMs + KERNEL_TICK_MS >= keepaliveIdleMs)
    return { at: null, from: 'us', what: 'a keepalive probe of our kernel was due, nothing else of ours' };
  return { at: null, from: null, what: 'nothing of ours was under way' };
}

function itsEnd(end: Extract<PeerEnd, { type: 'disconnected' }>): Moment {
  const from = end.initiator === 'remote' ? 'peer' : null;
  const shape = mark(kindOfEnd(end.class, end.announced !== undefined));
  const errno = end.errno !== undefined && html`: <code>${end.errno}</code>`;
  return { at: end.at, from, what: html`${shape}<strong>${end.reason}</strong>${errno}` };
}

function backAfter(end: PeerEnd, at: number): string {
  return `connected again; was down for ${readableDuration(Math.max(0, at - end.at))}`;
}
