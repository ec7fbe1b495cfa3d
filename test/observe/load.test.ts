import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { scrape, startDaemon } from '../e2e/finrst-process.ts';
import { canObserve, UNDER } from '../e2e/observed-host.ts';
import { scratchFolder } from '../e2e/scratch.ts';
import { findProgram } from '../support/find-program.ts';
import {
  busiestThread,
  compileLoad,
  cpuTimeOf,
  LOAD_ADDRESSES,
  LOAD_PORT,
  makeConnections,
  residentMb,
  startBpftrace,
  until,
  type Made,
} from './load.ts';

// What observation costs, beside bpftrace that tells the same of the same connections.

const SECONDS = 10;
const RATES = [1000, 9000];
/** Of a core: at the first rate and at the second one. A guard, up to three times what docs/observe.md has: CI machines differ. */
const MOST_PERCENT = { calm: 9, busy: 40 };
const MOST_TIMES_BPFTRACE = 3;
const targets = Array.from({ length: LOAD_ADDRESSES }, (_, n) => `127.0.0.${n + 1}:${LOAD_PORT}`);
const CONFIG = `groups:
  - name: busy
    hold: false
    observe: {}
    static_configs: [{targets: ${JSON.stringify(targets)}}]
`;

function configFile(): string {
  const file = join(scratchFolder(), 'busy.yml');
  writeFileSync(file, CONFIG);
  return file;
}

async function startObserving() {
  const daemon = await startDaemon(configFile(), [], {}, UNDER);
  await daemon.logs(/msg="connections of other processes are observed"/);
  const pid = daemon.child.pid!;
  // The first look at /proc is over, and the code has been read.
  for (let last = -1; cpuTimeOf(pid).all - last > 0.05; await sleep(1000)) last = cpuTimeOf(pid).all;
  return { ...daemon, pid };
}

function sumOf(samples: ReadonlyMap<string, number>, family: string): number {
  return [...samples].reduce(
    (sum, [name, value]) => (name.startsWith(`${family}{`) || name === family ? sum + value : sum),
    0,
  );
}

/** Percent of a core. */
const percent = (used: number, { seconds }: Made): number => (100 * used) / seconds;
const say = (text: string): void => void process.stdout.write(`observe: ${text}\n`);

const missing = ['gcc', 'bpftrace'].filter((name) => findProgram(name) === null);
const lacks = [...(canObserve ? [] : ['root, tracefs, namespaces']), ...missing].join(', ');

test.runIf(process.env['CI'] === 'true')('a CI machine has all that this needs', () => expect(lacks).toBe(''));

describe.skipIf(lacks !== '')(`under load${lacks === '' ? '' : ` (skipped, it needs: ${lacks})`}`, () => {
  test('each connection is counted once, or its loss is, for at most three times the CPU of bpftrace', async () => {
    const binary = compileLoad(scratchFolder());
    const daemon = await startObserving();
    const bars: { rate: number; ours: number; theirs: number }[] = [];
    for (const rate of RATES) {
      const first = await scrape(daemon.url);
      const before = cpuTimeOf(daemon.pid);
      const made = await makeConnections(binary, rate, SECONDS);
      await sleep(1500);
      const after = cpuTimeOf(daemon.pid);
      const last = await scrape(daemon.url);
      const counted = (family: string): number => sumOf(last, family) - sumOf(first, family);
      const lost = counted('finrst_observer_lost_events_total');
      const ours = percent(after.all - before.all, made);
      const thread = percent(busiestThread(daemon.pid, before, after), made);
      say(
        `${rate} a second wanted, ${Math.round(made.count / made.seconds)} made: ${ours.toFixed(1)} % of a core, its thread ${thread.toFixed(1)} %, ${lost} lines lost, ${Math.round(residentMb(daemon.pid))} MB`,
      );
      if (lost === 0) {
        expect(counted('finrst_observed_connects_total')).toBe(made.count);
        expect(counted('finrst_observed_ends_total')).toBe(made.count);
      }
      bars.push({ rate, ours, theirs: Number.NaN });
    }
    const [calm, busy] = bars;
    expect(calm!.ours).toBeLessThan(MOST_PERCENT.calm);
    expect(busy!.ours).toBeLessThan(MOST_PERCENT.busy);
    daemon.child.kill('SIGTERM');
    await daemon.exit;
    for (const bar of bars) {
      const bpftrace = await startBpftrace(scratchFolder());
      const before = cpuTimeOf(bpftrace.pid!);
      const made = await makeConnections(binary, bar.rate, SECONDS);
      await sleep(1500);
      bar.theirs = percent(cpuTimeOf(bpftrace.pid!).all - before.all, made);
      // It once left a single signal unheeded for a minute.
      await until(() => !bpftrace.kill('SIGINT') || bpftrace.exitCode !== null);
      const text = readFileSync(bpftrace.output, 'utf8');
      const ends = text.split('\nended ').length - 1;
      const lost = [...text.matchAll(/^Lost (\d+) events$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
      say(
        `${bar.rate} a second: bpftrace ${bar.theirs.toFixed(1)} % of a core, ${ends} ends of ${made.count} told, ${lost} lost; ours is ${(bar.ours / bar.theirs).toFixed(2)} times that`,
      );
      expect(bar.ours / bar.theirs).toBeLessThan(MOST_TIMES_BPFTRACE);
    }
  });

  test('what the ring could not hold is counted to the line, and nothing stays counted that is gone', async () => {
    const binary = compileLoad(scratchFolder());
    const daemon = await startObserving();
    daemon.child.kill('SIGSTOP');
    let made = 0;
    // How many lines the ring holds depends on how they are shared between the processors.
    while (lostByKernel(daemon.pid) === 0) made += (await makeConnections(binary, 9000, 4)).count;
    daemon.child.kill('SIGCONT');
    const lostOf = async (): Promise<number> =>
      (await scrape(daemon.url)).get('finrst_observer_lost_events_total') ?? 0;
    await until(async () => (await lostOf()) > 0);
    const samples = await readToTheEnd(daemon.url);
    const kernel = lostByKernel(daemon.pid);
    say(
      `stopped while ${made} were made: ${await lostOf()} lines lost, ${sumOf(samples, 'finrst_observed_connects_total')} connects seen, ${sumOf(samples, 'finrst_observer_lost_ends_total')} ends lost`,
    );
    expect(kernel).toBeGreaterThan(0);
    expect(await lostOf()).toBe(kernel);
    const ended = sumOf(samples, 'finrst_observed_ends_total') + sumOf(samples, 'finrst_observer_lost_ends_total');
    const begun = sumOf(samples, 'finrst_observed_connects_total');
    expect(begun).toBe(ended);
    // A lost line hides one connection at most.
    expect(begun).toBeGreaterThanOrEqual(made - kernel);
    expect(sumOf(samples, 'finrst_observed_connections')).toBe(0);
  });
});

/** The metrics once the observer has read all that was in the ring: they stay the same for a second. */
async function readToTheEnd(url: string): Promise<Awaited<ReturnType<typeof scrape>>> {
  const told = (samples: Awaited<ReturnType<typeof scrape>>): number =>
    sumOf(samples, 'finrst_observed_connects_total') + sumOf(samples, 'finrst_observed_ends_total');
  let before = await scrape(url);
  for (;;) {
    await sleep(1000);
    const samples = await scrape(url);
    if (told(samples) > 0 && told(samples) === told(before)) return samples;
    before = samples;
  }
}

/** What the kernel itself says of the ring of this process: overwritten or dropped. */
function lostByKernel(pid: number): number {
  const instances = `/proc/${pid}/root/sys/kernel/tracing/instances`;
  const [ring = ''] = readdirSync(instances).filter((name) => name.startsWith('finrst-observer-'));
  return readdirSync(join(instances, ring, 'per_cpu'))
    .flatMap((cpu) => [
      ...readFileSync(join(instances, ring, 'per_cpu', cpu, 'stats'), 'latin1').matchAll(
        /^(?:overrun|commit overrun|dropped events): (\d+)$/gm,
      ),
    ])
    .reduce((sum, [, count]) => sum + Number(count), 0);
}
