import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scrape } from '../e2e/finrst-process.ts';
import { canObserve, startObserver } from '../e2e/observed-host.ts';
import { scratchFolder } from '../e2e/scratch.ts';
import { findProgram } from '../support/find-program.ts';
import { buildPgxPool } from './clients/build-pgx-pool.ts';
import { startHost, startServers, type Servers } from './clients/client-host.ts';
import { type ClientRow, clientRows } from './clients/client-rows.ts';
import { judgeClient, sentence } from './clients/judge-clients.ts';
import { recordsOf, runClients } from './clients/run-clients.ts';

// Clients that people use, on real servers: what is observed of their connections beside what they say themselves.

const tools = ['nsenter', 'setpriv', 'postgres', 'initdb', 'psql', 'redis-server', 'redis-cli', 'go'];
const missing = tools.filter((name) => findProgram(name) === null);
const lacks = [...(canObserve ? [] : ['root, tracefs, namespaces']), ...missing].join(', ');

/** Each row is a group, because reasons are counted by group. */
function configFile(rows: readonly ClientRow[], servers: Servers): string {
  const targets = rows.map((row) => ({ id: row.id, target: `${row.host}:${servers.of(row).port}` }));
  const groups = targets.map(({ id, target }) => ({
    name: id,
    hold: false,
    observe: {},
    static_configs: [{ targets: [target] }],
  }));
  const file = join(scratchFolder(), 'clients.yml');
  writeFileSync(file, JSON.stringify({ groups }));
  return file;
}

test.runIf(process.env['CI'] === 'true')('a CI machine has the clients and their servers', () => {
  expect(lacks).toBe('');
});

describe.skipIf(lacks !== '')(`real clients${lacks === '' ? '' : ` (skipped, it needs: ${lacks})`}`, () => {
  test('are seen to end by what was done to them, which is what they say; leaks are shown within a second', async () => {
    const rows = clientRows(await buildPgxPool());
    const host = await startHost();
    const servers = await startServers(host);
    const daemon = await startObserver(configFile(rows, servers));
    await daemon.logs(/msg="connections of other processes are observed"/);
    const lab = { rows, host, servers, url: daemon.url };
    const ran = await runClients(lab);
    const records = await recordsOf(ran, lab);
    const faults = ran.flatMap(({ row, faults: onTheWay }, index) =>
      [...onTheWay, ...judgeClient(row, records[index]!)].map((fault) => `${row.id}: ${fault}`),
    );
    for (const [index, { row }] of ran.entries()) process.stdout.write(`observe: ${sentence(row, records[index]!)}\n`);
    expect(faults).toEqual([]);
    const samples = await scrape(daemon.url);
    for (const lost of ['finrst_observer_lost_events_total', 'finrst_observer_lost_ends_total'])
      expect(samples.get(lost)).toBe(0);
  });
});
