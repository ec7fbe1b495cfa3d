import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import readline from 'node:readline';
import { PORT, SMALL_WINDOW_PORT } from './addresses.ts';
import { announced } from './announced.ts';
import type { Network } from './network.ts';
import type { DnsAnswer, ServerPlan } from './scenario.ts';

/** What the server knows of one address. */
export type HeldByServer = {
  readonly scenario: number;
  readonly slot: number;
  readonly connections: number;
  /** On the newest connection. */
  readonly receivedBytes: number;
  /** How the other side ended connections, in order: `eof` (a FIN) or an errno name. */
  readonly saw: readonly string[];
};

/** The process in the server namespace that plays all peers; see fault_server.py. */
export type FaultServer = {
  plan(plans: ReadonlyMap<number, ServerPlan>): Promise<void>;
  name(name: string, answer: DnsAnswer): Promise<void>;
  /** Names that the name server was asked about so far. */
  asked(): Promise<readonly string[]>;
  /** Does `ops` to the newest connection of each slot, in order. Returns the wall-clock ms at which it began. */
  inject(scenario: number, slots: readonly number[], ops: readonly string[]): Promise<number>;
  /** Rejects when a fault could not be injected: the run shows nothing then. */
  held(): Promise<readonly HeldByServer[]>;
};

export async function startFaultServer(network: Network, folder: string): Promise<FaultServer> {
  const socketPath = path.join(folder, `server-${started++}.sock`);
  const script = path.join(import.meta.dirname, 'fault_server.py');
  const child = network.start('server', ['/usr/bin/python3', script, socketPath, folder, ...PORTS], 'pipe');
  await announced(child);
  const control = net.connect(socketPath);
  await once(control, 'connect');
  const lines = readline.createInterface({ input: control })[Symbol.asyncIterator]();
  let last: Promise<unknown> = Promise.resolve();
  // Answers come in the order of the commands: one at a time keeps the pairing trivial.
  const ask = <Answer>(command: object): Promise<Answer> => {
    const answer = last.then(async () => {
      control.write(`${JSON.stringify(command)}\n`);
      const { value, done } = await lines.next();
      if (done === true) throw new Error('the fault server is gone; its standard error says why');
      return JSON.parse(value) as Answer;
    });
    last = answer.catch(() => undefined);
    return answer;
  };
  return {
    plan: (plans) => ask({ cmd: 'plan', plans: Object.fromEntries(plans) }),
    name: (name, answer) => ask({ cmd: 'dns', name, answer }),
    asked: async () => (await ask<{ names: string[] }>({ cmd: 'asked' })).names,
    inject: async (scenario, slots, ops) => (await ask<{ at: number }>({ cmd: 'inject', scenario, slots, ops })).at,
    async held() {
      type Row = [scenario: number, slot: number, connections: number, receivedBytes: number, saw: string[]];
      const { held, errors } = await ask<{ held: Row[]; errors: string[] }>({ cmd: 'held' });
      if (errors.length > 0 && process.env['TOLERANT'] === undefined)
        throw new Error(`${errors.length} faults were not injected: ${errors.slice(0, 5).join('; ')}`);
      return held.map(([scenario, slot, connections, receivedBytes, saw]) => ({
        scenario,
        slot,
        connections,
        receivedBytes,
        saw,
      }));
    },
  };
}
let started = 0;
const PORTS = [PORT, SMALL_WINDOW_PORT].map(String);
