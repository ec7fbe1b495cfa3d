import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHART } from '../deploy/rendered-chart.ts';
import type { Cluster } from './cluster/cluster.ts';
import { FINRST_IMAGE } from './cluster/finrst-image.ts';
import { waitUntil } from './cluster/wait-until.ts';

/** An event of `/api/v1/events`. */
export type SeenEvent = {
  readonly id: string;
  readonly type: string;
  readonly peer: string;
  readonly class?: string;
  readonly reason?: string;
  readonly phase?: string;
  readonly connection_id?: string;
  /** What had announced this end, or explains it. */
  readonly announced?: string;
};

/** A peer of `/api/v1/peers`. */
export type SeenPeer = {
  readonly group: string;
  readonly peer: string;
  readonly up: boolean;
  readonly state: string;
  readonly connection_id?: string;
  readonly address?: string;
};

/** A release of the chart in a namespace of its own that enforces the Pod Security Standard "restricted". */
export class InstalledFinrst {
  readonly #cluster: Cluster;
  readonly namespace: string;

  constructor(cluster: Cluster, namespace: string) {
    this.#cluster = cluster;
    this.namespace = namespace;
  }

  /** Installs the release, or upgrades it, with this configuration and other values. Throws with Helm's words. */
  async apply(config: unknown, more: object = {}): Promise<string> {
    const image = { registry: '', repository: FINRST_IMAGE.split(':')[0], tag: FINRST_IMAGE.split(':')[1] };
    const fixed = { image: { ...image, pullPolicy: 'Never' }, configReload: { interval: '2s' } };
    // By this label one release can be told from those of other test files.
    const values = { ...fixed, podLabels: { 'tested-in': this.namespace }, config, ...more };
    const file = join(this.#cluster.machine.folder, `${this.namespace}-values.json`);
    writeFileSync(file, JSON.stringify(values));
    return this.helm('upgrade', '--install', 'finrst', CHART, '--wait', '--timeout=5m', `--values=${file}`);
  }

  helm(...args: readonly string[]): Promise<string> {
    return this.#cluster.helm(`--namespace=${this.namespace}`, ...args);
  }

  kubectl(...args: readonly string[]): Promise<string> {
    return this.#cluster.kubectl(`--namespace=${this.namespace}`, ...args);
  }

  /** What a pod, the first by default, answers on its web port, through the API server. */
  get(path: string, pod = 0): Promise<string> {
    return this.#cluster.kubectl(
      'get',
      '--raw',
      `/api/v1/namespaces/${this.namespace}/pods/finrst-${pod}:10346/proxy${path}`,
    );
  }

  async peers(pod = 0): Promise<readonly SeenPeer[]> {
    const { peers } = JSON.parse(await this.get('/api/v1/peers', pod)) as { readonly peers: readonly SeenPeer[] };
    return peers;
  }

  /** Events of a group behind the one with this id, oldest first. */
  async eventsOfGroup(group: string, after: number): Promise<readonly SeenEvent[]> {
    const answer = await this.get(`/api/v1/events?limit=1000&group=${group}`);
    const { events } = JSON.parse(answer) as { readonly events: readonly SeenEvent[] };
    return events.filter(({ id }) => Number(id) > after).toReversed();
  }

  /** Events of one peer behind the one with this id, oldest first. */
  async eventsOf(peer: string, after = -1): Promise<readonly SeenEvent[]> {
    const answer = await this.get(`/api/v1/events?limit=1000&peer=${encodeURIComponent(peer)}`);
    const { events } = JSON.parse(answer) as { readonly events: readonly SeenEvent[] };
    return events.filter(({ id }) => Number(id) > after).toReversed();
  }

  async lastEventId(): Promise<number> {
    const { events } = JSON.parse(await this.get('/api/v1/events?limit=1')) as {
      readonly events: readonly SeenEvent[];
    };
    return Number(events[0]?.id ?? -1);
  }

  /** Resolves once a connection to each of these peers is established. */
  async untilUp(...names: readonly string[]): Promise<void> {
    await waitUntil(`${names.join(', ')} to be up`, async () => {
      const down = (await this.peers()).filter(({ peer, up }) => names.includes(peer) && !up);
      if (down.length > 0) throw new Error(`down: ${down.map(({ peer }) => peer).join(', ')}`);
    });
  }

  /** The events of a peer behind that id, once it has lost a connection and holds another. */
  untilBack(peer: string, after: number): Promise<readonly SeenEvent[]> {
    return waitUntil(`the end of ${peer} and its next connection`, async () => {
      const events = await this.eventsOf(peer, after);
      const end = events.findIndex(({ type }) => type === 'disconnected' || type === 'local_closed');
      if (end === -1 || !events.slice(end).some(({ type }) => type === 'connected'))
        throw new Error(JSON.stringify(events));
      return events;
    });
  }
}

/** The ends among these events, as "class/reason". */
export function endsIn(events: readonly SeenEvent[]): readonly string[] {
  return events.filter(({ type }) => type === 'disconnected').map((event) => `${event.class}/${event.reason}`);
}

/** The failed attempts among these events, as "phase/reason", each once. */
export function failuresIn(events: readonly SeenEvent[]): readonly string[] {
  const failures = events.filter(({ type }) => type === 'connect_failed');
  return [...new Set(failures.map((event) => `${event.phase}/${event.reason}`))].toSorted();
}

/** What announced each end among these events: beforehand, or by news that came late. Null: nothing did. */
export function announcementsIn(events: readonly SeenEvent[]): readonly (string | null)[] {
  const ends = events.filter(({ type }) => type === 'disconnected');
  return ends.map((end) => {
    const news = events.find((each) => each.announced !== undefined && each.connection_id === end.connection_id);
    return news?.announced ?? null;
  });
}
