import { PeerPipeline } from '../discovery/peer-pipeline.ts';
import type { DiscoveryEvent, LimitExceeded, SourceEntry, SourceFailed } from '../domain/events/discovery-events.ts';
import type { TargetStatus } from '../domain/target-state.ts';
import { FolderReader } from '../files/folder-reader.ts';
import type { GroupSettings } from '../settings/peer-group.ts';
import { TargetListThread } from '../target-lists/target-list-thread.ts';
import type { DaemonOptions } from './daemon-options.ts';

export type DiscoverOptions = Pick<DaemonOptions, 'clock' | 'random' | 'readFile' | 'build' | 'env'> & {
  readonly groups: readonly GroupSettings[];
  /** Sources that have not answered by then are left. */
  readonly forMs: number;
};

/** What discovery found, and what it could not find out. */
export type Discovered = {
  /** All of them, the dropped ones, too. */
  readonly targets: readonly TargetStatus[];
  /** How many targets of each group the rules dropped. */
  readonly dropped: Readonly<Record<string, number>>;
  /** The last failure of each source that failed last. */
  readonly failures: readonly SourceFailed[];
  /** Entries whose source neither answered nor failed in time. */
  readonly unanswered: readonly SourceEntry[];
  /** Groups with more targets than they may have. */
  readonly overLimit: readonly LimitExceeded[];
  /** Time was over before all that was found had been looked at. */
  readonly isCut: boolean;
};

/** How often it is asked whether all sources have answered. */
const LOOK_MS = 50;

/** Runs the discovery of these groups, holding nothing, until each source answered or failed. It has stopped when this resolves. */
export async function discoverTargets({ groups, forMs, env, build, ...outside }: DiscoverOptions): Promise<Discovered> {
  const { clock } = outside;
  const lists = new TargetListThread(clock);
  const failures = new Map<number, SourceFailed>();
  const overLimit = new Map<string, LimitExceeded>();
  const pipeline = new PeerPipeline({
    ...outside,
    folders: new FolderReader(clock),
    readTargetList: lists.read,
    version: build.version,
    environment: env,
    publish: (event) => note(event, failures, overLimit),
    holder: { apply: async (_groups, _options: null) => {}, update: async () => {} },
  });
  const endsAt = clock.monotonic() + forMs;
  await pipeline.configure(groups, null);
  while ((pipeline.unanswered.length > 0 || pipeline.isApplying) && clock.monotonic() < endsAt) {
    await new Promise<void>((resolve) => clock.after(LOOK_MS, resolve));
  }
  const { unanswered, isApplying } = pipeline;
  pipeline.stop();
  await lists.stop();
  return {
    targets: [...pipeline.targets({}, Number.POSITIVE_INFINITY)],
    dropped: pipeline.droppedTargets(),
    failures: [...failures.values()],
    unanswered,
    overLimit: [...overLimit.values()],
    isCut: isApplying,
  };
}

function note(event: DiscoveryEvent, failures: Map<number, SourceFailed>, overLimit: Map<string, LimitExceeded>): void {
  if (event.type === 'sourceFailed') failures.set(event.source.id, event);
  if (event.type === 'sourceRefreshed') failures.delete(event.source.id);
  if (event.type === 'limitExceeded') overLimit.set(event.group, event);
  if (event.type === 'targetsApplied' && !event.isLimitExceeded) overLimit.delete(event.group);
}
