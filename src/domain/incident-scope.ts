/** What peers can share. In this order one is named where several are the same peers. */
export const SCOPE_KINDS = ['group', 'label', 'prefix', 'process'] as const;

/** The kind of a scope; the label `scope`. */
export type ScopeKind = (typeof SCOPE_KINDS)[number];

/** What it is that peers share: `value` is the group, `NAME=VALUE` of a label, the prefix in CIDR; empty for the process. */
export type IncidentScope = { readonly kind: ScopeKind; readonly value: string };
