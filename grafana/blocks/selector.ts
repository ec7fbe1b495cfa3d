/**
 * The label matchers of a query.
 *
 * - `daemon`: families of the process itself.
 * - `groups`: everything that carries `group`; the variable may select many.
 * - `peer`: one peer. Equality and not a regular expression: Grafana does not escape a single value, and `[::1]:80` as a
 *   regular expression is a set of characters.
 * - `worst`: those of the selected groups that the hidden variable has found to be worst.
 */
export type Scope = 'daemon' | 'groups' | 'group' | 'peer' | 'worst';

const DAEMON = 'cluster=~"$cluster", job=~"$job", instance=~"$instance"';

const MATCHERS: Readonly<Record<Scope, string>> = {
  daemon: DAEMON,
  groups: `${DAEMON}, group=~"$group"`,
  group: `${DAEMON}, group="$group"`,
  peer: `${DAEMON}, group="$group", peer="$peer"`,
  worst: `${DAEMON}, group=~"$group", peer=~"$worst"`,
};

/**
 * What tells one peer from another, whoever scrapes it: the same target may be held in two clusters. `instance` and `pod`
 * are left out, so that a restarted pod is no second peer.
 */
export const PEER = 'job, cluster, namespace, group, peer';

/** `selector('finrst_peer_up', 'groups')` is that family, narrowed to what the variables of the dashboard select. */
export function selector(family: string, scope: Scope, further = ''): string {
  return `${family}{${MATCHERS[scope]}${further === '' ? '' : `, ${further}`}}`;
}

/** That family of the selected groups. */
export function ofGroups(family: string, further?: string): string {
  return selector(family, 'groups', further);
}

/** What a rule has recorded for the selected groups: it has summed over the instances. */
export function recorded(series: string, further: string): string {
  return `${series}{cluster=~"$cluster", job=~"$job", group=~"$group", ${further}}`;
}

/** `|` keeps alerts that are about no single group, or about a job that is gone. */
const OF_ALERTS = 'cluster=~"$cluster|", job=~"$job|", group=~"$group|"';

/** Alerts of ours that fire. */
export function firing(further: string): string {
  return `ALERTS{alertstate="firing", ${further}, ${OF_ALERTS}}`;
}

/** Since when alerts of ours have been active, in seconds. */
export function activeSince(further: string): string {
  return `ALERTS_FOR_STATE{${further}, ${OF_ALERTS}}`;
}

/** Disconnects of one class in the selected range, per peer. */
export function endsInRange(disconnectClass: string, scope: Scope): string {
  return `increase(${selector('finrst_disconnects_total', scope, `class="${disconnectClass}"`)}[$__range])`;
}

/** The same per group and reason: far fewer series than peers. */
export function endsOfGroupsInRange(disconnectClass: string): string {
  return `increase(${ofGroups('finrst_disconnects_by_reason_total', `class="${disconnectClass}"`)}[$__range])`;
}

/**
 * How often a counter went up in each step of the chart: whole numbers, and each event in exactly one step. The difference
 * of two samples, since `increase()` extrapolates, and loses what falls between two of its windows. A counter that is
 * lower than one step before began again at 0.
 */
export function inStep(counter: string): string {
  const before = `${counter} offset $__interval`;
  return `(${counter} - ${before} >= 0 or ${counter} < ${before})`;
}
