import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FakeApiServer } from '../support/fake-api-server.ts';
import { freePort } from '../support/free-port.ts';
import { PROGRAM_ENV, PROGRAM_FLAGS } from '../support/program-flags.ts';

const SHARD = fileURLToPath(new URL('shard.ts', import.meta.url));
/** As the chart has it. */
const PROBE_EVERY_MS = 5000;
const LOOK_MS = 100;

/** What a shard published of its connections, such as `localClosed resharded`. */
export type Counts = Readonly<Record<string, number>>;

type Pod = { readonly child: ChildProcess; readonly port: number; isReady: boolean; isEnding: boolean };

/**
 * The controller of one StatefulSet and its kubelets: pods are processes, `status.readyReplicas` is what their probes say, and
 * a pod that is too many gets SIGTERM.
 */
export class StatefulSet {
  readonly #api: FakeApiServer;
  readonly #folder = mkdtempSync(join(tmpdir(), 'finrst-shards-'));
  readonly #pods: Pod[] = [];
  readonly #counts: Record<string, number> = {};
  readonly #probes: NodeJS.Timeout;
  /** What they logged of shards, and their warnings. */
  readonly lines: string[] = [];
  #replicas = 0;

  private constructor(api: FakeApiServer, config: object) {
    this.#api = api;
    writeFileSync(join(this.#folder, 'finrst.yml'), JSON.stringify(config));
    this.#probes = setInterval(() => void this.#probe(), PROBE_EVERY_MS);
  }

  static async start(config: object): Promise<StatefulSet> {
    return new StatefulSet(await FakeApiServer.start(), config);
  }

  get counts(): Counts {
    return this.#counts;
  }

  /** Whether so many pods run, and all of them are ready. */
  get isSettled(): boolean {
    return this.#pods.length === this.#replicas && this.#pods.every(({ isReady }) => isReady);
  }

  /** Asks for so many pods, and waits until they are there, all of them are ready, and none is left over. */
  async scale(replicas: number): Promise<void> {
    this.#replicas = replicas;
    this.#publish();
    for (let ordinal = this.#pods.length; ordinal < replicas; ordinal++) await this.#startPod(ordinal);
    for (const pod of this.#pods.slice(replicas)) {
      pod.isEnding = true;
      pod.child.kill('SIGTERM');
    }
    while (!this.isSettled) await sleep(LOOK_MS);
  }

  /** All requests to the API server are cut from now on, and those that wait for changes. */
  async cutApi(forMs: number): Promise<void> {
    this.#api.faults = [
      (_, response) => {
        response.socket?.destroy();
        return true;
      },
    ];
    this.#api.resetWatches();
    await sleep(forMs);
    this.#api.faults = [];
  }

  /** What `/metrics` of a pod says in all: the sum of the samples that begin so. */
  async metric(ordinal: number, begin: string): Promise<number> {
    const answer = await fetch(`http://127.0.0.1:${this.#pods[ordinal]?.port}/metrics`);
    const lines = (await answer.text()).split('\n').filter((line) => line.startsWith(begin));
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  async stop(): Promise<void> {
    clearInterval(this.#probes);
    for (const { child } of this.#pods) child.kill('SIGKILL');
    await this.#api.stop();
    rmSync(this.#folder, { recursive: true });
  }

  async #startPod(ordinal: number): Promise<void> {
    const port = await freePort();
    const flags = [
      `--config.file=${join(this.#folder, 'finrst.yml')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--shard.statefulset=finrst',
      '--log.format=json',
    ];
    const child = fork(SHARD, flags, {
      execArgv: [...PROGRAM_FLAGS],
      env: { ...process.env, ...PROGRAM_ENV, POD_NAME: `finrst-${ordinal}`, API_SERVER: this.#api.url },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    process.once('exit', () => child.kill('SIGKILL'));
    child.stderr?.on('data', (text: Buffer) => this.#log(ordinal, text.toString()));
    child.on('message', ({ type, reason }: { type: string; reason?: string }) => {
      const kind = reason === undefined ? type : `${type} ${reason}`;
      this.#counts[kind] = (this.#counts[kind] ?? 0) + 1;
    });
    const pod = { child, port, isReady: false, isEnding: false };
    this.#pods.push(pod);
    void once(child, 'exit').then(() => {
      this.#pods.splice(this.#pods.indexOf(pod), 1);
      this.#publish();
    });
  }

  #log(ordinal: number, text: string): void {
    for (const line of text.trimEnd().split('\n'))
      if (/shard|handing|level":"(warn|error)/.test(line)) this.lines.push(`${ordinal} ${line}`);
  }

  async #probe(): Promise<void> {
    const before = this.#pods.filter(({ isReady }) => isReady).length;
    await Promise.all(
      this.#pods.map(async (pod) => {
        const answer = await fetch(`http://127.0.0.1:${pod.port}/-/ready`).catch(() => null);
        pod.isReady = answer?.status === 200;
      }),
    );
    if (before !== this.#pods.filter(({ isReady }) => isReady).length) this.#publish();
  }

  #publish(): void {
    this.#api.set('statefulsets', {
      metadata: { namespace: 'monitoring', name: 'finrst' },
      spec: { replicas: this.#replicas },
      status: { readyReplicas: this.#pods.filter(({ isReady }) => isReady).length },
    });
  }
}
