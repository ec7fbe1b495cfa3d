import type { Socket } from 'node:net';
import type { Clock } from '../clock/clock.ts';
import type { ApiRequested, ObjectChanged } from '../domain/events/discovery-events.ts';
import type { ReadFile } from '../files/file-content.ts';
import type { Folders } from '../files/folder-reader.ts';
import type { Keepalive } from '../settings/peer-settings.ts';
import type { DiscoveryKindName, SettingsOfKind } from '../settings/source-settings.ts';
import type { ReadTargetList } from '../target-lists/target-list.ts';

/** Label names and values of one target. `__address__` is its HOST:PORT; labels that begin with `__` are not exported. */
export type TargetLabels = Readonly<Record<string, string>>;

/** One set of targets that a source names and replaces as a whole, such as one entry of a file. No targets: the set is gone. */
export type TargetGroup = {
  /** Where the set comes from; unique within its source, and the same at each update. */
  readonly source: string;
  readonly targets: readonly TargetLabels[];
  /** Labels of all targets of the set; a target's own win. */
  readonly labels: TargetLabels;
};

export type SourceUpdate =
  /** These sets are now so; the source's other sets stay as they are. */
  | { readonly kind: 'groups'; readonly groups: readonly TargetGroup[] }
  /** All that was there at the start has been published: from now on it may take the place of the entry that it replaces. May come again. */
  | { readonly kind: 'synced' }
  /** All of the source was read and is good, whether or not anything had changed. Not published by a look in which a part of it failed. */
  | { readonly kind: 'refreshed'; readonly tookMs: number }
  /** The source could not be read; what was published before stays. `place` is FILE:LINE:COLUMN where a file is wrong. */
  | { readonly kind: 'failed'; readonly why: string; readonly place: string | null; readonly tookMs: number | null }
  /** A request to the Kubernetes API has an outcome. Sources that share it publish it once. */
  | ({ readonly kind: 'requested' } & Pick<ApiRequested, 'resource' | 'verb' | 'outcome'>)
  /** The Kubernetes API sent a change of an object. Sources that share it publish it once. */
  | ({ readonly kind: 'objectChanged' } & Pick<ObjectChanged, 'resource' | 'event'>);

/** Where targets come from. It knows nothing of peers. */
export interface PeerSource {
  /** Publishes what is there now, and every change until `stop`. May call `publish` before it returns. */
  start(publish: (update: SourceUpdate) => void): void;
  /** Nothing is published afterwards. */
  stop(): void;
}

export type ConfigureSocket = (
  socket: Socket,
  options: { readonly keepalive: Keepalive; readonly userTimeoutMs: number },
) => boolean;

/** What a source may use of the outside beside the network. */
export type SourceContext = {
  readonly clock: Clock;
  /** Uniform in 0..1. */
  readonly random: () => number;
  /** The variables of the process: a pod finds the API server of its cluster by them. Absent: none. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Sets the kernel's timers of a connected socket; false, or absent: the kernel cannot be asked. */
  readonly configureSocket?: ConfigureSocket;
  readonly readFile: ReadFile;
  readonly folders: Folders;
  readonly readTargetList: ReadTargetList;
  /** The version of Finrst, for servers that are asked. */
  readonly version: string;
};

/** One way to find targets. Each kind exports one such value, and the registry lists it. */
export type DiscoveryKind<Kind extends DiscoveryKindName> = {
  readonly name: Kind;
  readonly create: (settings: SettingsOfKind[Kind], context: SourceContext) => PeerSource;
};
