/** What a rule of `relabel_configs` does; Prometheus' words. */
export const RELABEL_ACTIONS = [
  'replace',
  'keep',
  'drop',
  'keepequal',
  'dropequal',
  'hashmod',
  'labelmap',
  'labeldrop',
  'labelkeep',
  'lowercase',
  'uppercase',
] as const;
/** What one rule does. */
export type RelabelAction = (typeof RELABEL_ACTIONS)[number];

/** One rule of `relabel_configs`, checked, with its defaults filled in. Plain data: it crosses a thread boundary. */
export type RelabelRule = {
  readonly action: RelabelAction;
  /** Their values, joined by `separator`, are what the rule looks at; a label that is missing counts as empty. */
  readonly sourceLabels: readonly string[];
  readonly separator: string;
  /** RE2, anchored at both ends when it is compiled. */
  readonly regex: string;
  /** Empty where the action has none. */
  readonly targetLabel: string;
  readonly replacement: string;
  /** 0..2^64-1; more than 0 for `hashmod`. */
  readonly modulus: bigint;
};

/** A rule that changed labels of a target: `rule` is its place, from 0, all else are names of labels. */
export type RuleEffect = {
  readonly rule: number;
  /** What it looked at. */
  readonly sources: readonly string[];
  readonly set: readonly string[];
  readonly removed: readonly string[];
};

/** What holds where a rule says nothing. */
export const DEFAULT_RELABEL_RULE: RelabelRule = {
  action: 'replace',
  sourceLabels: [],
  separator: ';',
  regex: '(.*)',
  targetLabel: '',
  replacement: '$1',
  modulus: 0n,
};
