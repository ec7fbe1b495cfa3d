import type { IncidentChanged } from '../../domain/events/incident-event.ts';
import { HINTS } from '../../domain/hint.ts';
import { hintWords } from '../../explanations/hint-words.ts';
import type { IncidentRecord } from '../../sinks/status/known-incidents.ts';
import { html, type Html } from './html.ts';
import { reasonsOf } from './incident-words.ts';
import type { Selection } from './select-peers.ts';
import { capital, figure, incidentHref } from './page-parts.ts';
import { agoOf, clockTime } from './times.ts';

/** What the first block of the page is made from. */
export type VerdictFacts = {
  /** The newest first. */
  readonly incidents: readonly IncidentRecord[];
  readonly selection: Pick<Selection, 'counts'>;
  readonly abnormalLastHour: number;
  /** What may be our own fault; null: nothing. */
  readonly ownFault: string | null;
  readonly now: number;
  readonly prefix: string;
};

/** Is anything wrong now; what, and whose; since when, how often. */
export function verdict(facts: VerdictFacts): Html {
  const running = facts.incidents.filter(({ event }) => event.state === 'running');
  const largest = running.toSorted((one, other) => other.event.ended - one.event.ended)[0];
  if (largest !== undefined) return ofIncident(largest, running.length - 1, facts);
  const { counts } = facts.selection;
  if (counts.all === 0) return calm('No peers yet', 'The configuration is loaded and names no peer.', facts);
  if (counts.held === 0)
    return calm('No peer is held', 'Finrst only observes what the applications of this host hold.', facts);
  if (counts.down === 0) return calm(allConnected(facts), 'Nothing is wrong now.', facts);
  const peers = counts.down === 1 ? '1 peer is' : `${figure(counts.down)} peers are`;
  return calm(
    `${peers} down, each for itself`,
    'No incident runs: nothing that they share broke at one moment.',
    facts,
  );
}

/** An incident in a headline and three paragraphs. */
export function incidentParts({ event }: IncidentRecord): {
  readonly headline: string;
  readonly where: string;
  readonly contrast: string;
} {
  const [headline = '', rest = ''] = event.sentence.split(/: (?=look at )/);
  const [where = '', contrast = ''] = rest.split(/; (?=[^;]*$)/);
  return { headline, where, contrast };
}

function ofIncident(
  incident: IncidentRecord,
  others: number,
  { incidents, ownFault, now, prefix }: VerdictFacts,
): Html {
  const { event } = incident;
  const { headline, where, contrast } = incidentParts(incident);
  const back = event.stillDown === event.ended ? 'none is back' : `${figure(event.ended - event.stillDown)} are back`;
  const more = others === 0 ? '' : `, and ${others} more`;
  return html`<section class="verdict wrong" aria-labelledby="verdict">
    ${ownFault !== null && html`<p class="own">${ownFault}.</p>`}
    <header>
      <h1 id="verdict">${headline}</h1>
      <p class="when">
        <strong>${agoOf(event.began, now)} ago</strong>, ${clockTime(event.began)}; ${back}.
        <a href="${incidentHref(prefix, event.id)}">Incident</a>${more}
      </p>
    </header>
    <dl class="three">
      <div>
        <dt>What</dt>
        <dd>
          <b>${reasonsOf(event, prefix)}</b>. ${foundOf(event)}
          ${event.stillDown === 0 ? 'All of them are connected again.' : `${figure(event.stillDown)} are still down.`}
        </dd>
      </div>
      <div>
        <dt>Whose</dt>
        <dd><b>${capital(where)}</b>. ${capital(contrast)}.${isElsewhere(event) && ' Not this host.'}</dd>
      </div>
      <div>
        <dt>How often</dt>
        <dd>${howOften(incident, incidents, now)}</dd>
      </div>
    </dl>
  </section>`;
}

/** What most of its ends have in common beside the reason; empty: nothing. */
function foundOf({ common: { hints }, ended }: IncidentChanged): string {
  const [name] = HINTS.filter(
    (hint) => (hints[hint] ?? 0) * 2 > ended && hint !== 'host_drops' && hint !== 'own_stall',
  );
  return name === undefined ? '' : `${capital(hintWords(name))}.`;
}

/** Whether nothing speaks for a fault of this host. */
function isElsewhere({ scope, common, elsewhere }: IncidentChanged): boolean {
  const isOwn = common.droppedPackets > 0 || common.stalledMs > 0;
  return scope.kind !== 'process' && !isOwn && elsewhere.of > elsewhere.ended;
}

/** Earlier ones of the same scope, as far back as they are kept. */
function howOften({ event }: IncidentRecord, all: readonly IncidentRecord[], now: number): string {
  const { kind, value } = event.scope;
  const earlier = all.filter(
    (other) => other.event.scope.kind === kind && other.event.scope.value === value && other.event.began < event.began,
  );
  const [last] = earlier;
  if (last === undefined) return 'The first time since the start of this process.';
  const hours = Math.round((now - last.event.began) / 3_600_000);
  return `${figure(earlier.length + 1)} times since the start of this process. Before: ${hours === 0 ? 'within the last hour' : `${hours} h ago`}, ${figure(last.event.ended)} peers.`;
}

function calm(
  headline: string,
  what: string,
  { incidents, abnormalLastHour, ownFault, now, prefix }: VerdictFacts,
): Html {
  const [last] = incidents;
  const incident =
    last === undefined
      ? 'None since the start of this process.'
      : html`<a href="${incidentHref(prefix, last.event.id)}">${agoOf(last.event.began, now)} ago</a>:
          ${incidentParts(last).headline}.`;
  const ends = abnormalLastHour === 0 ? 'None.' : `${figure(abnormalLastHour)}, of all peers together.`;
  return html`<section class="verdict calm" aria-labelledby="verdict">
    ${ownFault !== null && html`<p class="own">${ownFault}.</p>`}
    <header>
      <h1 id="verdict">${headline}</h1>
      <p class="when">as of ${clockTime(now)} UTC</p>
    </header>
    <dl class="three">
      <div>
        <dt>What</dt>
        <dd>${what}</dd>
      </div>
      <div>
        <dt>Abnormal ends of the last hour</dt>
        <dd>${ends}</dd>
      </div>
      <div>
        <dt>Last incident</dt>
        <dd>${incident}</dd>
      </div>
    </dl>
  </section>`;
}

function allConnected({ selection: { counts } }: VerdictFacts): string {
  return counts.held === 1 ? 'The peer is connected' : `All ${figure(counts.held)} peers are connected, or about to be`;
}
