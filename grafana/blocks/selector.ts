/**
 * The label matchers of a query.
 *
 * - `daemon`: families of the process itself.
 * - `groups`: everything that carries `group`; the variable may select many.
 * - `peer`: one peer. Equality and not a regular expression: Grafana does not escape a single value, and `[::1]:80` as a
 *   regular expression is a set of characters.
 */
export type Scope = 'daemon' | 'groups' | 'group' | 'peer';

const MATCHERS: Readonly<Record<Scope, string>> = {
  daemon: 'job=~"$job", instance=~"$instance"',
  groups: 'job=~"$job", instance=~"$instance", group=~"$group"',
  group: 'job=~"$job", instance=~"$instance", group="$group"',
  peer: 'job=~"$job", instance=~"$instance", group="$group", peer="$peer"',
};

/** `selector('finrst_peer_up', 'groups')` is that family, narrowed to what the variables of the dashboard select. */
export function selector(family: string, scope: Scope, further = ''): string {
  return `${family}{${MATCHERS[scope]}${further === '' ? '' : `, ${further}`}}`;
}

/** That family of the selected groups. */
export function ofGroups(family: string, further?: string): string {
  return selector(family, 'groups', further);
}

/** Disconnects of one class in the selected range, per peer. */
export function endsInRange(disconnectClass: string): string {
  return `increase(${ofGroups('finrst_disconnects_total', `class="${disconnectClass}"`)}[$__range])`;
}
