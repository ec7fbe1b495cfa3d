/** What peers can share. In this order one is named where several are the same peers. */
export const SCOPE_KINDS = ['group', 'label', 'prefix', 'process'] as const;

/** The kind of a scope; the label `scope`. */
export type ScopeKind = (typeof SCOPE_KINDS)[number];

/** What it is that peers share: `value` is the group, `NAME=VALUE` of a label, the prefix in CIDR; empty for the process. */
export type IncidentScope = { readonly kind: ScopeKind; readonly value: string };

/** A scope as it was judged: how many of its counted peers ended at one moment. */
export type ScopeShare = {
  readonly scope: IncidentScope;
  readonly ended: number;
  readonly of: number;
  /** So many of them that it alone would be an incident. */
  readonly isHit: boolean;
};

/** What a scope is judged by: the 4 keeps 4 of 4 from beating 41 of 52. */
export function scopeWeight({ ended, of }: Pick<ScopeShare, 'ended' | 'of'>): number {
  return ended / (of + 4);
}

/** The counted peers outside of the scope of an incident, and how many of them ended at its moment, too. */
export type Elsewhere = { readonly ended: number; readonly of: number };

/** One value of what peers can share, and how many of its counted peers ended at the moment of an incident. */
export type ValueShare = { readonly value: string; readonly ended: number; readonly of: number };

/** What the scope of an incident is one of, value by value: a rack is worth nothing without the other racks. */
export type ScopeValues = {
  /** What they are values of; groups stand beside an incident of the process, too. `label`: its name is in `label`. */
  readonly kind: Exclude<ScopeKind, 'process'>;
  readonly label?: string;
  /** At most 60, by name: that of the incident, then those with the most ends, then those with the most peers. */
  readonly shares: readonly ValueShare[];
  /** Those left out: how many values, and their peers together. */
  readonly rest: Elsewhere & { readonly values: number };
};
