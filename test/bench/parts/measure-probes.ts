import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Holder } from '../holder.ts';
import { cpuSecondsOf, memoryOf } from '../machine.ts';
import type { Native } from '../native.ts';
import type { RowName } from '../results/rows.ts';
import { freePort } from '../../support/free-port.ts';

/** Prometheus asks for each target this often; so does the bench. */
const PROBE_SECONDS = 15;
const MODULES = 'modules: {tcp_connect: {prober: tcp, timeout: 5s}}\n';

export type ProbeRun = {
  readonly native: Native;
  readonly blackbox: string;
  readonly peers: number;
  readonly seconds: number;
  readonly keep: (row: RowName, value: number) => void;
};

/**
 * blackbox_exporter beside held connections: it probes every target while a holder's connections to the same targets are
 * reset one after the other. What probing costs, and how many of those ends a probe showed.
 */
export async function measureProbes({ native, blackbox, peers, seconds, keep }: ProbeRun): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'finrst-bench-blackbox-'));
  const config = join(folder, 'blackbox.yml');
  writeFileSync(config, MODULES);
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(blackbox, [`--config.file=${config}`, `--web.listen-address=${address}`], { stdio: 'ignore' });
  const pid = child.pid ?? NaN;
  const holder = await Holder.start({ native, name: 'floor' });
  try {
    await answering(`http://${address}/-/healthy`);
    await holder.hold(peers);
    await holder.clear();
    const port = holder.server.facts[0] ?? '';
    const before = cpuSecondsOf(pid);
    const probing = probeAll({ address, port, peers, seconds });
    await holder.server.ask(`end ${peers} ${Math.floor((seconds * 1e6) / peers)} reset`);
    const { made, failed } = await probing;
    const ends = (await holder.takeEnds()).length;
    keep('probe_cpu', (100 * (cpuSecondsOf(pid) - before)) / seconds);
    keep('rss', memoryOf(pid).rssBytes / 1e6);
    keep('probe_missed', 100 * (1 - failed / ends));
    if (made === 0) throw new Error('no probe was made');
  } finally {
    child.kill('SIGKILL');
    await holder.stop();
    rmSync(folder, { recursive: true });
  }
}

type Probing = {
  readonly address: string;
  readonly port: string;
  readonly peers: number;
  readonly seconds: number;
};

async function probeAll({ address, port, peers, seconds }: Probing): Promise<{ made: number; failed: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 200 });
  const startedAt = performance.now();
  const results: Promise<boolean>[] = [];
  for (let i = 0; performance.now() - startedAt < seconds * 1000; i++) {
    const due = (i * PROBE_SECONDS * 1000) / peers - (performance.now() - startedAt);
    if (due > 1) await sleep(due);
    const number = i % peers;
    const target = `127.1.${number >> 8}.${number & 255}:${port}`;
    results.push(probe(`http://${address}/probe?module=tcp_connect&target=${target}`, agent));
  }
  const successes = await Promise.all(results);
  agent.destroy();
  return { made: successes.length, failed: successes.filter((success) => !success).length };
}

function probe(url: string, agent: Agent): Promise<boolean> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
      response.on('end', () => resolve(/^probe_success 1$/m.test(text)));
    }).on('error', reject);
  });
}

async function answering(url: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok === true) return;
    await sleep(100);
  }
  throw new Error(`${url} does not answer`);
}
