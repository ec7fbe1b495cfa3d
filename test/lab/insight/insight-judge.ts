import type { SeenEvent } from '../event-feed.ts';
import { countWords } from '../figures.ts';
import { SCOPE_KINDS } from '../../../src/domain/incident-scope.ts';
import type { ExpectedEnds, ExpectedIncident } from './insight-row.ts';
import type { SeenIncident } from './stage.ts';

/** Everything that a row's daemon showed, when all is over. */
export type Seen = {
  readonly incidents: readonly SeenIncident[];
  /** Wall-clock milliseconds of the harm. */
  readonly harmedAt: number;
  /** `finrst_incident_active` while they ran. */
  readonly activeThen: number | undefined;
  readonly events: readonly SeenEvent[];
  /** How many of them were known before the metrics were read: limits that stay go on ending connections. */
  readonly known: number;
  readonly metrics: ReadonlyMap<string, number>;
  readonly log: string;
  readonly exitCode: number | null;
  /** Packets that this host dropped meanwhile, whoever lost them. */
  readonly dropped: number;
};

type Expected = { readonly incidents: readonly ExpectedIncident[]; readonly ends: readonly ExpectedEnds[] };

/** What of a row is not as it should be, one line each. */
export function judgeInsight(expected: Expected, seen: Seen): readonly string[] {
  const ends = seen.events.filter(({ type }) => type === 'disconnected');
  return [
    ...judgeIncidents(expected, seen, ends),
    ...expected.ends.flatMap((each) => judgeEnds(each, ends, seen)),
    ...ends
      .filter(({ group }) => !expected.ends.some((each) => each.group === group))
      .map(({ peer, group, reason }) => `${peer} of ${group} ended with ${reason} and was left alone`),
    ...judgeHintCounts(seen),
    ...(seen.exitCode === 0 ? [] : [`exit code ${seen.exitCode}`]),
  ];
}

/** Before the harm, the last sign of life of a peer that falls silent; after it, a moment that was told at once. */
const BEGAN_MS = [-10_000, 2000] as const;

function judgeIncidents(expected: Expected, seen: Seen, ends: readonly SeenEvent[]): readonly string[] {
  const { incidents, metrics } = seen;
  const faults: string[] = [];
  if (incidents.length !== expected.incidents.length)
    faults.push(`${incidents.length} incidents, not ${expected.incidents.length}: ${incidents.map(named).join('; ')}`);
  for (const each of expected.incidents) {
    const found = incidents.find(({ scope, value }) => scope === each.scope && value === each.value);
    if (found === undefined) faults.push(`no incident ${each.scope} ${each.value ?? ''}`);
    else faults.push(...judgeIncident(each, found, seen), ...judgeExplained(each, found, { seen, ends }));
  }
  for (const scope of SCOPE_KINDS) {
    const wanted = expected.incidents.filter((each) => each.scope === scope).length;
    const counted = metrics.get(`finrst_incidents_total{scope="${scope}"}`);
    if (counted !== wanted) faults.push(`finrst_incidents_total{scope="${scope}"} is ${counted}, not ${wanted}`);
  }
  const active = metrics.get('finrst_incident_active');
  if (active !== 0) faults.push(`finrst_incident_active is ${active} when all is over`);
  if (expected.incidents.length > 0 && seen.activeThen !== expected.incidents.length)
    faults.push(`finrst_incident_active was ${seen.activeThen} meanwhile`);
  return faults;
}

const named = ({ scope, value, ended, of }: SeenIncident): string => `${scope} ${value ?? ''} ${ended} of ${of}`;

function judgeIncident(expected: ExpectedIncident, found: SeenIncident, { log, harmedAt }: Seen): readonly string[] {
  const faults: string[] = [];
  const about = (what: string): void => void faults.push(`${named(found)}: ${what}`);
  if (found.state !== 'over') about(`is ${found.state}`);
  if (found.ended !== expected.ended || found.of !== expected.of) about(`not ${expected.ended} of ${expected.of}`);
  if (!sameCounts(found.reasons, expected.reasons)) about(`reasons ${JSON.stringify(found.reasons)}`);
  if (!expected.sentence('over').test(found.sentence)) about(`says "${found.sentence}"`);
  const began = Date.parse(found.began) - harmedAt;
  if (began < BEGAN_MS[0] || began > BEGAN_MS[1]) about(`began ${began} ms after the harm`);
  const lines = log.split('\n').filter((line) => line.includes(` incident=${found.id} `));
  const running = lines.filter((line) => line.includes(' msg="incident: '));
  const last = running.at(-1) ?? '';
  const value = expected.value === undefined ? '' : ` value=${logfmt(expected.value)}`;
  if (!last.includes('level=warn') || !last.includes(` state=running scope=${expected.scope}${value} began=`))
    about(`${running.length} lines of it, the last: ${last}`);
  if (!expected.sentence('running').test(/ msg="incident: (.*?)" incident=/.exec(last)?.[1] ?? ''))
    about(`logged ${last}`);
  const over = lines.filter((line) => line.includes(' msg="incident over'));
  if (over.length !== 1) about(`${over.length} lines say that it is over`);
  return faults;
}

/** As a line of the log writes a value. */
function logfmt(value: string): string {
  return /[\s"=]/.test(value) ? `"${value}"` : value;
}

function sameCounts(one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>): boolean {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].every((key) => one[key] === other[key]);
}

/** Each end of it is explained by it, once, and nothing else is. */
function judgeExplained(
  { groups }: ExpectedIncident,
  { id }: SeenIncident,
  { seen, ends }: { readonly seen: Seen; readonly ends: readonly SeenEvent[] },
): readonly string[] {
  const wanted = ends.filter(({ group }) => groups === undefined || groups.includes(group));
  const explained = seen.events.filter(({ type, incident }) => type === 'explained' && incident === id);
  const ids = explained.map((event) => event.connection_id);
  const missing = wanted.filter((event) => !ids.includes(event.connection_id));
  if (missing.length === 0 && ids.length === wanted.length) return [];
  return [
    `${ids.length} ends are explained by ${id}, not ${wanted.length}; not ${missing.map(({ peer }) => peer).join()}`,
  ];
}

function judgeEnds(expected: ExpectedEnds, all: readonly SeenEvent[], seen: Seen): readonly string[] {
  const { group, verdict, count, least, before } = expected;
  const ends = all.filter((event) => event.group === group);
  const faults: string[] = [];
  let early = 0;
  let right = 0;
  for (const end of ends) {
    const of = `${end.peer} of ${group}`;
    const was = `${end.class}/${end.reason}`;
    if (was !== verdict) faults.push(`${of} ended with ${was}, not ${verdict}`);
    faults.push(...judgeLine(end, seen.log));
    const match = matchHint(end, expected, seen.dropped);
    if (match === 'right') right += 1;
    if (match === 'early') early += 1;
    if (match === 'wrong') faults.push(`${of}, ${was}: ${end.hint ?? 'no hint'} (${end.hint_detail ?? ''})`);
  }
  if (early > (before?.most ?? 0)) faults.push(`${group}: ${early} ends without ${expected.hint}`);
  if (least === true ? right < count : right !== count)
    faults.push(`${group}: ${right} ends with ${expected.hint ?? 'no hint'}, not ${count}`);
  if (expected.explained === 'announced') faults.push(...judgeAnnounced(ends, seen.events));
  return faults;
}

type HintMatch = 'right' | 'early' | 'wrong' | 'excused';

/** What this host dropped meanwhile, by whatever runs beside the lab, may have been ours: then that is what the evidence supports. */
function matchHint(end: SeenEvent, { hint, words, before }: ExpectedEnds, dropped: number): HintMatch {
  const found = end.hint ?? null;
  if (found === hint && (hint === null || words?.test(end.hint_detail ?? '') === true)) return 'right';
  if (found === 'host_drops' && dropped > 0) {
    if (hint === 'path_dead') return 'right';
    if (before?.hint === 'path_dead') return 'excused';
  }
  return before !== undefined && found === before.hint ? 'early' : 'wrong';
}

/** The line of an end says the same as its event. */
function judgeLine({ connection_id: id, hint, hint_detail: words, peer }: SeenEvent, log: string): readonly string[] {
  const lines = log.split('\n').filter((line) => line.includes(` connection_id=${id} `) && line.includes(' class='));
  const [line = ''] = lines.filter((each) => each.includes(' duration_s='));
  const logged = / hint=(\S+) hint_detail="(.*?)" /.exec(line);
  if (line !== '' && logged?.[1] === hint && logged?.[2] === words) return [];
  return [`${peer}: the log says ${line === '' ? 'nothing' : line}`];
}

function judgeAnnounced(ends: readonly SeenEvent[], events: readonly SeenEvent[]): readonly string[] {
  const explained = events.filter(({ type, by }) => type === 'explained' && by === 'announced');
  return ends.flatMap(({ connection_id: id, peer }) => {
    const own = explained.filter((event) => event.connection_id === id).length;
    return own === 1 ? [] : [`${peer}: explained as announced ${own} times`];
  });
}

/** finrst_hints_total counts each hint of an end, and what explains it later, once. */
function judgeHintCounts({ events, known, metrics }: Seen): readonly string[] {
  const [least, most] = [countHints(events.slice(0, known)), countHints(events)];
  const counted = [...metrics.keys()].filter((key) => key.startsWith('finrst_hints_total'));
  return [...new Set([...most.keys(), ...counted])].flatMap((key) => {
    const [from, to, shown] = [least.get(key) ?? 0, most.get(key) ?? 0, metrics.get(key) ?? 0];
    return shown >= from && shown <= to ? [] : [`${key} is ${shown}, not ${from} to ${to}`];
  });
}

function countHints(events: readonly SeenEvent[]): ReadonlyMap<string, number> {
  const words = events.flatMap(({ type, group, hint, by }) => {
    const word = type === 'explained' ? by : hint;
    return word === undefined ? [] : [`finrst_hints_total{group="${group}",hint="${word}"}`];
  });
  return countWords(words);
}
