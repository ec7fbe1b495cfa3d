import { setTimeout as sleep } from 'node:timers/promises';
import { injectEach, type Injections } from './perform-steps.ts';
import { finish, open, type OpenPass, type PassOptions, type PassRecord } from './run-pass.ts';

export const STALLS = 3;
export const STALL_MS = 5000;
/** Stopped for this long before the first fault, so that none is seen before. */
const BEFORE_FAULTS_MS = 200;
/** Time to say everything that had to wait. */
const AFTERWARDS_MS = 4000;

/** Stops the daemon three times, as a frozen machine would, and injects a third of each scenario's faults each time. */
export async function runStalls(options: PassOptions): Promise<PassRecord> {
  const pass = await open(options);
  for (let round = 0; round < STALLS; round++) await stall(pass, (k) => k % STALLS === round);
  return finish(pass);
}

async function stall(pass: OpenPass, chosen: (k: number) => boolean): Promise<void> {
  const { daemon, server, placed, injections } = pass;
  const started = Date.now();
  daemon.signal('SIGSTOP');
  await sleep(BEFORE_FAULTS_MS);
  for (const one of placed) {
    let times: Injections = injections.get(one.scenario) ?? [];
    for (const step of one.scenario.steps) {
      if ('server' in step) times = merge(times, await injectEach(server, one, step.server, chosen));
    }
    injections.set(one.scenario, times);
  }
  const elapsed = Date.now() - started;
  if (elapsed > STALL_MS) throw new Error(`injecting took ${elapsed} ms, longer than the stall`);
  await sleep(STALL_MS - elapsed);
  daemon.signal('SIGCONT');
  await sleep(AFTERWARDS_MS);
}

function merge(before: Injections, now: Injections): Injections {
  return now.map((time, k) => time ?? before[k] ?? null);
}
