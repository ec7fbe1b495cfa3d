import { type Parsed, type ParsedSample, parseTextFormat } from '../support/exposition-parser.ts';
import { SOAK_GROUPS } from './soak-groups.ts';
import type { Tally } from './tally.ts';

/** Group, what is counted (as the record writes it), how often. */
type Count = readonly [key: string, value: number];

/** Holds a scrape of a daemon at rest against the record: each counter exactly. Returns what does not agree. */
export function checkMetrics(text: string, tally: Tally, held: ReadonlyMap<string, number>): readonly string[] {
  const families = parseTextFormat(text);
  return [
    ...compare('by group', groupCounts(families), tally.byGroup),
    ...compare('by peer', peerCounts(families), lasting(tally.byPeer)),
    ...equationFaults(families, held),
  ];
}

/**
 * Per group: attempts that were established = disconnects + local closes + what is established. Returns the largest
 * difference: 0 at rest, some under load, where one scrape takes several turns.
 */
export function equationDifference(families: Parsed): number {
  return Math.max(...SOAK_GROUPS.map(({ name }) => Math.abs(differenceOf(families, name))));
}

function differenceOf(families: Parsed, group: string): number {
  const sum = (family: string, wanted: Readonly<Record<string, string>> = {}): number =>
    samplesOf(families, family)
      .filter(({ labels }) => Object.entries({ group, ...wanted }).every(([key, value]) => labels[key] === value))
      .reduce((total, { value }) => total + value, 0);
  const connects = samplesOf(families, 'finrst_connect_duration_seconds')
    .filter(({ name, labels }) => name.endsWith('_count') && labels['group'] === group && labels['phase'] === 'total')
    .reduce((total, { value }) => total + value, 0);
  const ended = sum('finrst_disconnects_by_reason_total') + sum('finrst_local_closes_total');
  return connects - ended - sum('finrst_peers', { state: 'established' });
}

function equationFaults(families: Parsed, held: ReadonlyMap<string, number>): readonly string[] {
  return SOAK_GROUPS.flatMap(({ name }) => {
    const difference = differenceOf(families, name);
    const established = samplesOf(families, 'finrst_peers').find(
      ({ labels }) => labels['group'] === name && labels['state'] === 'established',
    )?.value;
    return [
      ...(difference === 0 ? [] : [`the equation of group ${name} is off by ${difference}`]),
      ...(established === held.get(name) ? [] : [`${name}: ${established} established, not ${held.get(name)}`]),
    ];
  });
}

function groupCounts(families: Parsed): readonly Count[] {
  const label = ({ labels }: ParsedSample, name: string): string => labels[name] ?? '';
  return [
    ...samplesOf(families, 'finrst_disconnects_by_reason_total').map((each): Count => [
      `${label(each, 'group')} ${label(each, 'class')}/${label(each, 'reason')}`,
      each.value,
    ]),
    ...samplesOf(families, 'finrst_connect_failures_by_reason_total').map((each): Count => [
      `${label(each, 'group')} connect ${label(each, 'phase')}/${label(each, 'reason')}`,
      each.value,
    ]),
    ...samplesOf(families, 'finrst_local_closes_total').map((each): Count => [
      `${label(each, 'group')} local/${label(each, 'reason')}`,
      each.value,
    ]),
    ...samplesOf(families, 'finrst_connect_duration_seconds')
      .filter(({ name, labels }) => name.endsWith('_count') && labels['phase'] === 'total')
      .map((each): Count => [`${label(each, 'group')} connected`, each.value]),
  ];
}

/** The counters of a peer that goes and comes back begin anew. */
function peerCounts(families: Parsed): readonly Count[] {
  return samplesOf(families, 'finrst_disconnects_total')
    .filter(({ labels }) => labels['group'] !== 'moving')
    .map(({ labels, value }) => {
      const address = labels['peer']?.slice(0, labels['peer'].lastIndexOf(':'));
      return [`${labels['group']} ${address} ${labels['class']}`, value];
    });
}

function lasting(byPeer: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  return new Map([...byPeer].filter(([key]) => !key.startsWith('moving ')));
}

function compare(what: string, counted: readonly Count[], record: ReadonlyMap<string, number>): readonly string[] {
  const shown = new Map(counted);
  const keys = new Set([...shown.keys(), ...record.keys()]);
  return [...keys]
    .filter((key) => (shown.get(key) ?? 0) !== (record.get(key) ?? 0))
    .map((key) => `${what}, ${key}: /metrics has ${shown.get(key) ?? 'nothing'}, the record ${record.get(key) ?? 0}`);
}

function samplesOf(families: Parsed, name: string): readonly ParsedSample[] {
  return families.get(name)?.samples ?? [];
}
