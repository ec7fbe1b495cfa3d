import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Loose } from './rendered-chart.ts';

/** A program that a test has started. */
export type StartedProgram = {
  /** Its name and what it has printed so far. */
  readonly said: () => string;
  readonly ended: () => boolean;
  /** Kills it where it still runs, and waits for its end. */
  stop(): Promise<void>;
};

/** Starts a program and collects what it prints. */
export function startProgram(program: string, args: readonly string[]): StartedProgram {
  const child: ChildProcess = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const closed = once(child, 'close');
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    said: () => `${program}: ${said}`,
    ended,
    async stop() {
      if (!ended()) child.kill('SIGKILL');
      await closed;
    },
  };
}

/** Resolves once the address answers with success. Throws with what was printed if one of the programs ends before. */
export async function untilReady(url: string, started: readonly StartedProgram[]): Promise<void> {
  for (;;) {
    const dead = started.find((each) => each.ended());
    if (dead !== undefined) throw new Error(dead.said());
    const ready = await fetch(url).then(
      ({ ok }) => ok,
      () => false, // not listening yet
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The JSON that an address answers with. */
export async function fetchJson(url: string): Promise<Loose> {
  const response = await fetch(url);
  return response.json();
}

/** Asks again until it holds: these programs work by their own clocks. */
export async function eventually(holds: () => Promise<void>, patienceMs: number): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      await holds();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
