import type { HintName } from '../../../src/domain/hint.ts';
import type { ScopeKind } from '../../../src/domain/incident-scope.ts';
import type { Group } from './fleet.ts';
import type { Site } from './site.ts';
import type { Stage } from './stage.ts';

/** One cause, or several, and what the daemon is to find behind its ends. */
export type InsightRow = {
  readonly id: string;
  /** What was done, as docs/conformance.md prints it. */
  readonly injected: string;
  /** The configuration's `global`, where it is not the one of short runs. */
  readonly global?: object;
  /** Prepares the site for the daemon. */
  readonly scene: (place: Place) => Scene | Promise<Scene>;
  readonly incidents: readonly ExpectedIncident[];
  /** All ends that come; the daemon may have no other. */
  readonly ends: readonly ExpectedEnds[];
};

/** Where a row happens; `file` is the path of a file of its own. */
export type Place = { readonly site: Site; readonly file: (name: string) => string };

export type Scene = {
  readonly groups: readonly Group[];
  /** Breaks something. Where no incident is to come, it also waits for the ends. */
  readonly harm: (stage: Stage) => unknown;
  /** Puts it right again, once all incidents run. */
  readonly heal?: () => unknown;
};

export type ExpectedIncident = {
  readonly scope: ScopeKind;
  readonly value?: string;
  readonly ended: number;
  readonly of: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly sentence: (state: 'running' | 'over') => RegExp;
  /** Groups whose ends it explains; absent: all ends. */
  readonly groups?: readonly string[];
};

/** The ends of one group. */
export type ExpectedEnds = {
  readonly group: string;
  readonly verdict: string;
  /** Exactly so many; `least`: or more. */
  readonly count: number;
  readonly least?: true;
  /** Null: the end has none. */
  readonly hint: HintName | null;
  /** The sentence that the hint rests on. */
  readonly words?: RegExp;
  /** A hint that takes several ends: the ends before it, at most so many, have this one. */
  readonly before?: { readonly hint: HintName | null; readonly most: number };
  /** Explained within 10 s after the end. */
  readonly explained?: 'announced';
};
