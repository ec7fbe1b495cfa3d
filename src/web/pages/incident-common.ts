import type { IncidentChanged, LengthRange } from '../../domain/events/incident-event.ts';
import { HINTS } from '../../domain/hint.ts';
import { hintWords } from '../../explanations/hint-words.ts';
import type { IncidentPeer, IncidentRecord } from '../../sinks/status/known-incidents.ts';
import type { PeerStatus } from '../../sinks/status/peer-status.ts';
import { readableDuration } from '../../text/figures.ts';
import { html, type Html } from './html.ts';
import { observedFacts } from './incident-observed.ts';
import { isFor, not } from './incident-words.ts';
import { counted, figure } from './page-parts.ts';

/** Lengths that are nearer to each other than this are one: a timer. */
const NEAR = 0.02;

export type CommonOptions = {
  readonly record: IncidentRecord;
  /** What a peer is now; null: it is not known any more. */
  readonly peerStatus: (id: number) => PeerStatus | null;
};

/** What its ends have in common, and what speaks against the other explanations. */
export function commonSection({ record, peerStatus, prefix }: CommonOptions & { readonly prefix: string }): Html {
  const { event, endsByGroup, peers } = record;
  const isOfGroup = event.scope.kind === 'group';
  const facts = [
    ...hintFacts(event),
    !isOfGroup && endsByGroup.size > 1 && isFor(`${figure(endsByGroup.size)} groups that have this in common`),
    ...(event.isObserved ? observedFacts(peers, peerStatus) : heldFacts({ record, peerStatus })),
    timerFact('a limit of age', 'lived for', event.common.ages),
    timerFact('a limit of silence', 'were silent for', event.common.silences),
  ].filter((fact) => fact !== false && fact !== null);
  return html`<section aria-labelledby="common-h">
    <h2 id="common-h">What they have in common, and what speaks against</h2>
    <ul class="panel common">
      ${facts}
    </ul>
    <p class="legendline">
      <a href="#peers-h">The ${figure(event.ended)} peers</a> <a href="${prefix}/api/v1/incidents">JSON</a>
    </p>
  </section>`;
}

function heldFacts({ record: { event, peers }, peerStatus }: CommonOptions): readonly Html[] {
  const noneAnnounced = not('announced: nobody had said of any of these peers that it would leave');
  return [...failureFacts(peers, peerStatus), ...hostFacts(event), noneAnnounced];
}

/** Those of this host have sentences of their own. */
function hintFacts({ common: { hints }, ended }: IncidentChanged): readonly Html[] {
  return HINTS.flatMap((name) => {
    const count = hints[name] ?? 0;
    if (count === 0 || name === 'host_drops' || name === 'own_stall') return [];
    const share = count === ended ? 'all' : figure(count);
    return [isFor(html`${hintWords(name)} (<code>${name}</code>, ${share} of the ${figure(ended)})`)];
  });
}

function hostFacts({ common, elsewhere, ended }: IncidentChanged): readonly Html[] {
  const { droppedPackets, stalledMs, hints } = common;
  if (droppedPackets === 0 && stalledMs === 0) {
    const others = elsewhere.of - elsewhere.ended;
    return [
      not(
        `this host: it dropped no packet that any of these ends waited for, and our event loop went on${others > 0 ? `; ${counted(others, 'other peer')} stayed connected` : ''}`,
      ),
    ];
  }
  return [
    ...(droppedPackets > 0
      ? [
          isFor(
            html`This host dropped ${counted(droppedPackets, 'packet')} while they waited (<code>host_drops</code>,
            ${figure(hints.host_drops ?? 0)} of the ${figure(ended)})`,
          ),
        ]
      : []),
    ...(stalledMs > 0
      ? [
          isFor(
            html`Our own event loop was held up for ${readableDuration(stalledMs)} right before (<code>own_stall</code>,
            ${figure(hints.own_stall ?? 0)} of the ${figure(ended)})`,
          ),
        ]
      : []),
  ];
}

/** How new attempts of its peers fail now, of those that are known by name. */
function failureFacts(peers: readonly IncidentPeer[], peerStatus: CommonOptions['peerStatus']): readonly Html[] {
  const words = new Map<string, { peers: number; attempts: number }>();
  for (const { id } of peers) {
    const status = peerStatus(id);
    const failure = status?.last_connect_failure;
    if (status === null || status.up || failure === undefined || status.failures_in_a_row === 0) continue;
    const word = `${failure.phase}/${failure.reason}`;
    const known = words.get(word) ?? { peers: 0, attempts: 0 };
    words.set(word, { peers: known.peers + 1, attempts: known.attempts + status.failures_in_a_row });
  }
  return [...words].map(([word, count]) =>
    isFor(
      html`New connects end in <code>${word}</code>: ${counted(count.attempts, 'attempt')} of
        ${counted(count.peers, 'peer')} so far`,
    ),
  );
}

/** Null: no length is known. */
function timerFact(what: string, verb: string, { leastMs, mostMs }: LengthRange): Html | null {
  if (leastMs > mostMs) return null;
  if (mostMs - leastMs <= mostMs * NEAR) return isFor(`They all ${verb} ${readableDuration(mostMs)}: perhaps ${what}`);
  return not(`${what}: they ${verb} ${readableDuration(leastMs)} to ${readableDuration(mostMs)}`);
}
