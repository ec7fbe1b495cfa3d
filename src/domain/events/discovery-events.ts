import type { DiscoveryKindName } from '../../settings/source-settings.ts';
import type { TargetState } from '../target-state.ts';

/** Where targets come from and what became of them. */
export type DiscoveryEvent =
  | SourcesConfigured
  | SourcesRemoved
  | SourceRefreshed
  | SourceFailed
  | TargetsApplied
  | TargetRefused
  | LabelsLeftOut
  | LimitExceeded
  | ApiRequested
  | ObjectChanged;

/** One source of targets. Groups with equal entries share one; `id` is never reused while the process lives. */
export type SourceRef = { readonly id: number; readonly mechanism: DiscoveryKindName };

/** The sources of a group from now on; those that it had before and that are not named are no longer its own. */
export type SourcesConfigured = {
  readonly type: 'sourcesConfigured';
  readonly at: number;
  readonly group: string;
  readonly sources: readonly SourceRef[];
};

/** A reload took the group out of the configuration; its series go. */
export type SourcesRemoved = { readonly type: 'sourcesRemoved'; readonly at: number; readonly group: string };

/**
 * A source was read and is good; `tookMs` is null where it came into being or into sync without a look that could be
 * measured. `failuresBefore`: failures in a row right before it.
 */
export type SourceRefreshed = {
  readonly type: 'sourceRefreshed';
  readonly at: number;
  readonly source: SourceRef;
  /** The groups that it belongs to, with the entry of each. */
  readonly groups: readonly SourceEntry[];
  readonly tookMs: number | null;
  readonly failuresBefore: number;
};

/** The entry of a group's configuration that a source was made from, like `file_sd_configs[0]`. */
export type SourceEntry = { readonly group: string; readonly entry: string };

/** A source could not be read; the `targets` of before stay. Emitted each time; `failuresInARow` is 1 for the first. */
export type SourceFailed = {
  readonly type: 'sourceFailed';
  readonly at: number;
  readonly source: SourceRef;
  readonly groups: readonly SourceEntry[];
  readonly why: string;
  /** FILE:LINE:COLUMN where a file is wrong. */
  readonly place: string | null;
  readonly tookMs: number | null;
  readonly failuresInARow: number;
  readonly targets: number;
};

/** The targets of a group are counted anew; `changedSets` of them were applied to the fleet. */
export type TargetsApplied = {
  readonly type: 'targetsApplied';
  readonly at: number;
  readonly group: string;
  readonly counts: Readonly<Record<TargetState, number>>;
  readonly changedSets: number;
  /** There are more targets than `target_limit`: those of before stay. */
  readonly isLimitExceeded: boolean;
};

/** A target becomes no peer. Emitted once for each target and reason, at most 20 a minute and group; `unreported` were not since the last one. */
export type TargetRefused = {
  readonly type: 'targetRefused';
  readonly at: number;
  readonly group: string;
  readonly source: string;
  readonly target: string;
  readonly why: string;
  readonly unreported: number;
};

/** Targets of a group have more labels, or longer ones, than `finrst_peer_info` takes: what is over is left out. Emitted once for each group. */
export type LabelsLeftOut = {
  readonly type: 'labelsLeftOut';
  readonly at: number;
  readonly group: string;
  readonly target: string;
};

/** A group has more targets after relabelling than `target_limit`. Emitted when it begins. */
export type LimitExceeded = {
  readonly type: 'limitExceeded';
  readonly at: number;
  readonly group: string;
  readonly targets: number;
  readonly limit: number;
};

/** What a request to the Kubernetes API came to. */
export type ApiOutcome = 'ok' | 'expired' | 'unauthorized' | 'forbidden' | 'throttled' | 'server_error' | 'network';
/** The resources of Kubernetes that targets are made from. */
export type ApiResource = 'endpointslices' | 'pods' | 'services' | 'nodes' | 'namespaces' | 'statefulsets';

/** A request to the Kubernetes API has an outcome. */
export type ApiRequested = {
  readonly type: 'apiRequested';
  readonly at: number;
  readonly resource: ApiResource;
  readonly verb: 'list' | 'watch';
  readonly outcome: ApiOutcome;
};

/** A watch gave a change of an object. */
export type ObjectChanged = {
  readonly type: 'objectChanged';
  readonly at: number;
  readonly resource: ApiResource;
  readonly event: 'add' | 'update' | 'delete';
};
