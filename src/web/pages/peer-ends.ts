import { hintEvidence } from '../../explanations/hint-words.ts';
import { goodbyeSentence } from '../../explanations/goodbye-words.ts';
import {
  announcementWords,
  disconnectDetail,
  disconnectWords,
  localCloseWords,
} from '../../explanations/reason-words.ts';
import type { PeerEnd, PeerHistory } from '../../sinks/status/peer-history.ts';
import type { PeerStatus } from '../../sinks/status/peer-status.ts';
import { readableBytes, readableDuration } from '../../text/figures.ts';
import { html, type Html } from './html.ts';
import { figure, incidentHref, mark, type Pair, pairs, time, wordHref } from './page-parts.ts';

type EndsOptions = {
  readonly prefix: string;
  readonly now: number;
  readonly status: PeerStatus;
  readonly history: PeerHistory;
};

/** The ends that are kept, as one table: a pattern is in a column. */
export function endsSection({ prefix, now, status, history }: EndsOptions): Html {
  const { ends } = history;
  const { disconnects, local_closes: closed } = status;
  const all = disconnects.eof + disconnects.error + disconnects.idle_timeout + closed;
  const head = html`<div class="head">
    <h2 id="ends-h">How it ended</h2>
    <p class="quiet">
      ${ends.length === 0 ? 'never, since it is known here' : `the last ${figure(ends.length)} of ${figure(all)} since it is known here`}
    </p>
  </div>`;
  if (ends.length === 0) return html`<section aria-labelledby="ends-h">${head}</section>`;
  return html`<section aria-labelledby="ends-h">
    ${head}
    <div class="panel scroll" tabindex="0" role="group" aria-label="The ends, a table">
      <table class="data">
        <thead>
          <tr>
            <th scope="col"><span class="sr">Number</span></th>
            <th scope="col">Ended</th>
            <th scope="col">End</th>
            <th scope="col" class="num">Silent before</th>
            <th scope="col" class="num">Idle before</th>
            <th scope="col" class="num">Lasted</th>
            <th scope="col">Received, sent</th>
            <th scope="col" class="num">Ours unacknowledged</th>
            <th scope="col" class="num">Retransmits</th>
            <th scope="col">The kernel said</th>
            <th scope="col">Explained by</th>
            <th scope="col">Trace</th>
          </tr>
        </thead>
        <tbody>
          ${ends.map((end, index) => row(end, { prefix, now, number: index + 1 }))}
        </tbody>
      </table>
    </div>
  </section>`;
}

type RowOptions = { readonly prefix: string; readonly now: number; readonly number: number };

function row(end: PeerEnd, { prefix, now, number }: RowOptions): Html {
  const { tcp, traceId } = end;
  return html`<tr data-key="${end.connectionId}">
    <th scope="row"><span class="no">${number}</span></th>
    <td>${time(end.at, now)}</td>
    <td>${markOf(end)}<span class="reason">${end.reason}</span></td>
    <td class="num key">${readableDuration(end.quietMs)}</td>
    <td class="num">${readableDuration(end.idleMs)}</td>
    <td class="num">${readableDuration(end.durationMs)}</td>
    <td>${readableBytes(end.receivedBytes)}, ${readableBytes(end.sentBytes)}</td>
    <td class="num">${tcp === undefined ? 'not known' : readableBytes(tcp.outstandingBytes)}</td>
    <td class="num">${tcp === undefined ? 'not known' : figure(tcp.totalRetransmits)}</td>
    <td class="mono">${errnoOf(end)}</td>
    <td>${explainedBy(end, prefix)}</td>
    <td>
      ${traceId === undefined ? html`<span class="quiet">none</span>` : html`<code class="trace" title="${traceId}">${traceId.slice(0, 8)}…</code>`}
    </td>
  </tr> `;
}

function markOf(end: PeerEnd): Html {
  if (end.type === 'localClosed') return mark('local');
  return mark(end.class === 'eof' && end.announced !== undefined ? 'announced' : end.class);
}

function errnoOf(end: PeerEnd): Html {
  if (end.type === 'localClosed') return html`<span class="quiet sans">it was our choice</span>`;
  return end.errno === undefined ? html`<span class="quiet sans">no error</span>` : html`${end.errno}`;
}

function explainedBy(end: PeerEnd, prefix: string): Html {
  if (end.type === 'localClosed') return html`<span class="quiet">nothing to explain</span>`;
  const { incident, announced, hint } = end;
  if (incident !== undefined) return html`<a href="${incidentHref(prefix, incident)}">incident ${incident}</a>`;
  if (hint !== undefined && 'limit' in hint) return html`<a href="#finding">${hint.name}</a>`;
  if (hint !== undefined) return html`<a href="${wordHref(prefix, `hint-${hint.name}`)}">${hint.name}</a>`;
  if (announced !== undefined) return html`announced: <code>${announced}</code>`;
  return html`<span class="quiet">none fits</span>`;
}

type LastEndOptions = Pick<EndsOptions, 'prefix' | 'now'>;

/** The newest end in words: what happened, with all evidence, and what that usually comes from. */
export function lastEndSection(end: PeerEnd | undefined, { prefix, now }: LastEndOptions): Html {
  if (end === undefined)
    return html`<section aria-labelledby="last-h">
      <h2 id="last-h">The last end</h2>
      <p class="basis">None since it is known here.</p>
    </section>`;
  return html`<section aria-labelledby="last-h">
    <h2 id="last-h">End 1: ${end.reason}</h2>
    ${pairs([...verdict(end, prefix), ...wire(end, now)])}
  </section>`;
}

function verdict(end: PeerEnd, prefix: string): readonly Pair[] {
  if (end.type === 'localClosed')
    return [
      ['What happened', `we closed it: ${localCloseWords(end.reason)}`],
      ['In docs', html`<a href="${wordHref(prefix, `local-${end.reason}`)}">local/${end.reason}</a>`],
    ];
  const { what, hint: usually } = disconnectWords(end);
  const detail = disconnectDetail(end);
  const { hint } = end;
  return [
    [
      'What happened',
      html`${mark(end.class)}<strong>${end.class}/${end.reason}</strong>: ${what}${goodbyeSentence(end)}`,
    ],
    ...(detail === undefined || detail === what ? [] : [['More', detail] as const]),
    [
      'Supported',
      hint === undefined
        ? 'nothing more than the reason: no hint fits'
        : html`<a href="${wordHref(prefix, `hint-${hint.name}`)}">${hint.name}</a>: ${hintEvidence(end)}`,
    ],
    ...(usually === undefined ? [] : [['Usually', usually] as const]),
    ['Announced', end.announced === undefined ? 'by nobody' : `${end.announced}: ${announcementWords(end.announced)}`],
    ['Begun by', INITIATORS[end.initiator ?? 'unknown']],
    [
      'In docs',
      html`<a href="${wordHref(prefix, end.reason)}">${end.class}/${end.reason}</a>, in a terminal
        <code>finrst explain ${end.class}/${end.reason}</code>`,
    ],
  ];
}

const INITIATORS = {
  remote: 'the peer, or a box that speaks for it: from here they look the same',
  network: 'the network: nobody answered, or a box on the way said so',
  local_host: 'this host',
  self: 'us: a deadline of ours passed',
  unknown: 'not known',
} as const;

/** What was on the wire before. */
function wire(end: PeerEnd, now: number): readonly Pair[] {
  const { tcp, keepaliveIdleMs, type } = end;
  const stalled = type === 'disconnected' ? end.stalledMs : undefined;
  return [
    [
      'When',
      html`${time(end.at, now)}, after ${readableDuration(end.durationMs)}; connection
        <code>${end.connectionId}</code> to <code>${end.address}</code>`,
    ],
    [
      'Silence',
      `${readableDuration(end.quietMs)} on the wire before the end, ${readableDuration(end.payloadQuietMs)} without payload, ${readableDuration(end.idleMs)} since a byte came`,
    ],
    [
      'Keepalive',
      keepaliveIdleMs === undefined ? 'was off' : `was due after ${readableDuration(keepaliveIdleMs)} of silence`,
    ],
    ...(stalled === undefined
      ? []
      : [['Our fault?', `our own event loop was held up for ${readableDuration(stalled)} before`] as const]),
    [
      'TCP',
      tcp === undefined
        ? 'the kernel could not be asked'
        : `state ${tcp.state}; ${readableBytes(tcp.outstandingBytes)} of ours unacknowledged, ${figure(tcp.totalRetransmits)} retransmits, ${figure(tcp.pendingRetransmits)} of them and ${figure(tcp.pendingProbes)} probes unanswered; the last packet had come ${readableDuration(tcp.silenceMs)} before`,
    ],
  ];
}
