import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import {
  ATTACK_NAMES,
  type AttackAnswer,
  type AttackCounts,
  type AttackName,
  type AttackRequest,
} from './attack-kinds.ts';
import { HeldDaemon, pause } from './held-daemon.ts';

/** What one phase of the run showed. */
export type Phase = {
  readonly name: string;
  readonly attacks: readonly AttackName[];
  readonly seconds: number;
  /** How late ends were seen, in ms. */
  readonly ends: number;
  readonly p50: number;
  readonly p99: number;
  readonly probes: Answers;
  readonly scrapes: Answers;
  readonly counts: AttackCounts;
  readonly mostRssBytes: number;
};

/** Requests that were answered with 200, the others by what became of them, and the longest wait. */
export type Answers = { readonly ok: number; readonly wrong: readonly string[]; readonly longestMs: number };

export type AttackRun = {
  readonly phases: readonly Phase[];
  /** Requests of a client that waits for each answer, and the connections that it needed. */
  readonly keepAlive: { readonly requests: number; readonly connections: number; readonly seconds: number };
  readonly exitCode: number | null;
};

export type AttackOptions = {
  /** Of each phase. */
  readonly seconds: number;
  readonly keepAliveRequests: number;
  /** Only these, together; absent: each alone, then all. */
  readonly only?: readonly AttackName[];
  readonly onPhase?: (phase: Phase) => void;
};

const PROBE_EVERY_MS = 1000;
const SCRAPE_EVERY_MS = 5000;
/** What a kubelet and a Prometheus wait, at the least that is usual. */
const PROBE_TIMEOUT_MS = 5000;

/** A phase without attacks, each attack alone, all together; then a client that only asks a lot. */
export async function runAttacks({ seconds, keepAliveRequests, only, onPhase }: AttackOptions): Promise<AttackRun> {
  const attacker = fork(new URL('attacker.ts', import.meta.url));
  const { tlsPort } = await answered(attacker, 'ready');
  const daemon = await HeldDaemon.start(tlsPort);
  const phases: Phase[] = [];
  const sets: readonly (readonly [string, readonly AttackName[]])[] = [
    ['baseline', []],
    ...(only === undefined ? ATTACK_NAMES.map((name) => [name, [name]] as const) : []),
    only === undefined ? ['all together', ATTACK_NAMES] : [only.join('+'), only],
  ];
  for (const [name, attacks] of sets) {
    const phase = await runPhase({ name, attacks, seconds, attacker, daemon });
    phases.push(phase);
    onPhase?.(phase);
  }
  const keepAlive = await askOverOneConnection(await daemon.webPort, keepAliveRequests);
  const exitCode = await daemon.stop();
  attacker.disconnect();
  return { phases, keepAlive, exitCode };
}

type PhaseOptions = Pick<Phase, 'name' | 'attacks' | 'seconds'> & {
  readonly attacker: ChildProcess;
  readonly daemon: HeldDaemon;
};

async function runPhase({ name, attacks, seconds, attacker, daemon }: PhaseOptions): Promise<Phase> {
  const webPort = await daemon.webPort;
  tell(attacker, { ask: 'start', attacks, webPort });
  await pause(500); // until it is in full swing
  daemon.beginPhase();
  const [probes, scrapes] = await Promise.all([
    askEvery({ everyMs: PROBE_EVERY_MS, seconds, webPort, path: '/-/healthy' }),
    askEvery({ everyMs: Math.min(SCRAPE_EVERY_MS, (seconds * 1000) / 3), seconds, webPort, path: '/metrics' }),
    pause(seconds * 1000),
  ]);
  const { delaysMs, mostRssBytes } = daemon;
  tell(attacker, { ask: 'stop' });
  const { counts } = await answered(attacker, 'stopped');
  const times = { ends: delaysMs.length, p50: quantile(delaysMs, 0.5), p99: quantile(delaysMs, 0.99) };
  return { name, attacks, seconds, ...times, probes, scrapes, counts, mostRssBytes };
}

type Asking = { readonly everyMs: number; readonly seconds: number; readonly webPort: number; readonly path: string };

/** As a probe or a scraper does: a connection of its own, one try. */
async function askEvery({ everyMs, seconds, webPort, path }: Asking): Promise<Answers> {
  const waits: number[] = [];
  const wrong: string[] = [];
  const asked: Promise<void>[] = [];
  for (let i = 0; i < Math.floor((seconds * 1000) / everyMs); i++) {
    const startedAt = performance.now();
    const settle = (what: number | string): void => {
      if (what === 200) waits.push(performance.now() - startedAt);
      else wrong.push(String(what));
    };
    asked.push(statusOf(webPort, path).then(settle, (error: Error) => settle(error.message)));
    await pause(everyMs);
  }
  await Promise.all(asked);
  return { ok: waits.length, wrong, longestMs: Math.max(0, ...waits) };
}

async function askOverOneConnection(webPort: number, requests: number): Promise<AttackRun['keepAlive']> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let connections = 0;
  agent.on('free', () => undefined);
  const create = agent.createConnection.bind(agent);
  agent.createConnection = (...args) => (connections++, create(...args));
  const startedAt = performance.now();
  for (let i = 0; i < requests; i++) {
    const status = await statusOf(webPort, i % 100 === 0 ? '/metrics' : '/-/healthy', agent);
    if (status !== 200) throw new Error(`request ${i} was answered with ${status}`);
  }
  agent.destroy();
  return { requests, connections, seconds: (performance.now() - startedAt) / 1000 };
}

function statusOf(port: number, path: string, agent: Agent | false = false): Promise<number> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, path, agent, timeout: PROBE_TIMEOUT_MS }, (response) => {
      response.resume().on('error', reject);
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    asking.on('timeout', () => asking.destroy(new Error('no answer in time')));
    asking.on('error', reject).end();
  });
}

function tell(attacker: ChildProcess, message: AttackRequest): void {
  attacker.send(message);
}

async function answered<A extends AttackAnswer['answer']>(attacker: ChildProcess, wanted: A) {
  for (;;) {
    const [message] = (await once(attacker, 'message')) as [AttackAnswer];
    if (message.answer === wanted) return message as Extract<AttackAnswer, { answer: A }>;
  }
}

function quantile(list: readonly number[], q: number): number {
  const sorted = list.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;
}
