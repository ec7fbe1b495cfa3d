import { setTimeout as sleep } from 'node:timers/promises';
import { scrape } from '../../e2e/finrst-process.ts';
import { until } from '../load.ts';
import type { ClientHost, Servers } from './client-host.ts';
import { type ClientProcess, startClient } from './client-process.ts';
import type { ClientRow, Injected } from './client-rows.ts';
import type { ClientRecord, ObservedEnd } from './judge-clients.ts';

export type ClientLab = {
  readonly rows: readonly ClientRow[];
  readonly host: ClientHost;
  readonly servers: Servers;
  /** Of the daemon that observes. */
  readonly url: string;
};

/** A client that was run, and what was wrong on the way. */
export type Ran = { readonly row: ClientRow; readonly client: ClientProcess; readonly faults: readonly string[] };

/** Runs all rows side by side; resolves once the last client has left. */
export async function runClients(lab: ClientLab): Promise<readonly Ran[]> {
  const { host, servers } = lab;
  const [leaks, broken] = [lab.rows.filter(isLeak), lab.rows.filter((row) => !isLeak(row))];
  const started = await Promise.all(
    broken.map(async (row) => ({ row, client: await startClient(row, host, servers.of(row)), faults: [] })),
  );
  for (const { row } of started) await settled(row, lab);
  injectAll(started, lab);
  const leaked = await Promise.all(leaks.map((row) => leak(row, lab)));
  await Promise.all(started.map(({ client }) => client.exit));
  return [...started, ...leaked];
}

function isLeak({ injected }: ClientRow): boolean {
  return injected === 'leak';
}

/** All is done to all at once: servers that stop have clients of several rows. */
function injectAll(started: readonly Ran[], { host, servers }: ClientLab): void {
  const of = (...kinds: readonly Injected[]): readonly Ran[] =>
    started.filter(({ row: { injected } }) => kinds.includes(injected));
  const cut = of('silence', 'lost write').map(({ row }) => `add element ip cut silent { ${row.host} }\n`);
  host.run(['nft', '-f', '-'], cut.join(''));
  for (const { row, client } of of('lost write')) client.write(row.client.input.write);
  for (const { row } of of('reset')) host.run(['ss', '-K', '-H', '-t', 'state', 'established', 'src', row.host]);
  // PostgreSQL's fast shutdown; Redis ends by it as by SIGTERM.
  for (const { row } of of('server stops')) servers.of(row).process.signal('SIGINT');
}

/** All that the client sent has been acknowledged: what is lost afterwards is a probe, or was written afterwards. */
async function settled({ client, host: address }: ClientRow, { host }: ClientLab): Promise<void> {
  const rests = { state: 'established', unacknowledged: 0 };
  await until(() => {
    const ends = host.clientEnds(address);
    return ends.length === client.connections && ends.every((end) => isSame(end, rests));
  });
}

function isSame(one: object, other: object): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** A leak is to be shown within this of the FIN, and to be gone as soon after its client has left. */
const SHOWN_MS = 1000;

async function leak(row: ClientRow, lab: ClientLab): Promise<Ran> {
  const faults: string[] = [];
  const client = await startClient(row, lab.host, lab.servers.of(row));
  const inKernel = (): number => lab.host.clientEnds(row.host).filter(({ state }) => state === 'close_wait').length;
  await until(() => inKernel() === row.client.connections);
  const isShown = (count: number): Promise<boolean> =>
    within(async () => (await leaksOf(row, lab)).length === count && (await leaksCounted(row, lab)) === count);
  if (!(await isShown(row.client.connections))) faults.push('it was not shown within a second');
  for (const { pid, executable } of await leaksOf(row, lab)) {
    const [is, be] = [`${executable} ${pid}`, `${row.client.executable} ${client.pid}`];
    if (is !== be) faults.push(`it was shown as of ${is}, not ${be}`);
  }
  client.leave();
  await client.exit;
  if (!(await isShown(0))) faults.push('it was shown when its client had left');
  return { row, client, faults };
}

async function within(isSo: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + SHOWN_MS;
  for (;;) {
    const is = await isSo();
    if (is || performance.now() > deadline) return is && performance.now() <= deadline;
    await sleep(50);
  }
}

type Leak = { readonly pid?: number; readonly executable?: string };

async function leaksOf({ id }: ClientRow, { url }: ClientLab): Promise<readonly Leak[]> {
  const answer = await fetch(`${url}/api/v1/observed?state=close_wait&group=${id}`);
  return ((await answer.json()) as { readonly observed: readonly Leak[] }).observed;
}

async function leaksCounted(row: ClientRow, { url, servers }: ClientLab): Promise<number> {
  return ofPeer(await scrape(url), 'finrst_observed_close_wait', { row, servers });
}

/** An end is told 100 ms after it, once its turn has come. */
const TOLD_MS = 10_000;

/** What the daemon says of each, once it has told as many ends as there were connections and holds none, or does not do so. */
export async function recordsOf(ran: readonly Ran[], lab: ClientLab): Promise<readonly ClientRecord[]> {
  const deadline = performance.now() + TOLD_MS;
  for (;;) {
    const samples = await scrape(lab.url);
    const records: ClientRecord[] = [];
    // One after the other: the daemon answers eight at once.
    for (const one of ran) records.push(await recordOf(one, { ...lab, samples }));
    const isTold = records.every(
      ({ byClass, held }, index) => byClass >= ran[index]!.row.client.connections && held === 0,
    );
    if (isTold || performance.now() > deadline) return records;
    await sleep(50);
  }
}

async function recordOf(
  { row, client }: Ran,
  { url, servers, samples }: ClientLab & { readonly samples: Samples },
): Promise<ClientRecord> {
  const answer = await fetch(`${url}/api/v1/events?type=observed_ended&group=${row.id}&limit=1000`);
  const { events } = (await answer.json()) as { readonly events: readonly ObservedEnd[] };
  const sample = (name: string): number => ofPeer(samples, name, { row, servers });
  return {
    pid: client.pid,
    exitCode: await client.exit,
    said: client.said(),
    ends: events,
    byReason: reasonsOf(samples, row.id),
    byClass: endsOf(row, samples),
    connects: sample('finrst_observed_connects_total'),
    held: sample('finrst_observed_connections') + sample('finrst_observed_close_wait'),
  };
}

type Samples = ReadonlyMap<string, number>;

/** NaN: there is no such series. */
function ofPeer(samples: Samples, name: string, { row, servers }: Of): number {
  return samples.get(`${name}{group="${row.id}",peer="${row.host}:${servers.of(row).port}"}`) ?? Number.NaN;
}
type Of = { readonly row: ClientRow; readonly servers: Servers };

/** All ends of the one peer of a row, by class. */
function endsOf({ id }: ClientRow, samples: Samples): number {
  const start = `finrst_observed_ends_total{group="${id}",`;
  return [...samples].reduce((sum, [name, value]) => (name.startsWith(start) ? sum + value : sum), 0);
}

/** The ends of a group by `class/reason`. */
function reasonsOf(samples: Samples, group: string): Samples {
  const found = [...samples].flatMap(([name, value]) => {
    const [, of, endClass, reason] =
      /^finrst_observed_ends_by_reason_total\{group="(.*)",class="(.*)",reason="(.*)"\}$/.exec(name) ?? [];
    return of === group ? [[`${endClass}/${reason}`, value] as const] : [];
  });
  return new Map(found);
}
