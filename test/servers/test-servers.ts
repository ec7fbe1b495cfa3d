import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { findProgram } from '../support/find-program.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { play, type Played } from './play.ts';
import { seenVerdict, statedVerdict } from './row-verdict.ts';
import type { RealServer, ServerRow, Situation } from './server-row.ts';
import { documented, stable, tableLine, type TableName, writeTable } from './servers-page.ts';
import { createStage } from './stage.ts';

const isPlayable = ({ program, needsRoot }: RealServer): boolean =>
  findProgram(program) !== null && (needsRoot !== true || process.getuid?.() === 0);
/** Rewrites the table in docs/servers.md from this run instead of comparing it. */
const WRITE = process.env['FINRST_WRITE_DOCS'] === '1';

/** Tests of every row of these servers, and of their table in docs/servers.md. To be called once in a file. */
export function testServers(table: TableName, servers: readonly RealServer[]): void {
  const installedServers = servers.filter(isPlayable);
  const stage = createStage();
  const started = new Map<string, Situation>();
  const startFailures = new Map<string, unknown>();
  const plays = new Map<string, Promise<Played>>();
  let daemon: Daemon;

  /** All servers at once, then one daemon that holds every row, then every row's deed at the same time. */
  beforeAll(async () => {
    const rows = installedServers.flatMap((server) => server.rows);
    await Promise.all(rows.map(startRow));
    const groups = rows.flatMap((row) => groupOf(row));
    // One connection each: a second one, made while a row is looked at, would blur it. The delay is drawn from 0 to this,
    // so it has to be long for a draw below two minutes to be out of the question.
    const global = { reconnect: { initial: '10y', max: '10y' } };
    daemon = await startDaemon(await stage.folder(), { global, groups });
    for (const row of rows) if (row.endsOthers !== true) begin(row);
  });

  function begin(row: ServerRow): void {
    const situation = started.get(row.group);
    if (situation && !plays.has(row.group)) plays.set(row.group, play(row, situation, daemon.feed));
  }

  afterAll(async () => {
    await daemon?.stop();
    await stage.clear();
  });

  async function startRow(row: ServerRow): Promise<void> {
    try {
      started.set(row.group, await row.start(stage));
    } catch (error) {
      startFailures.set(row.group, error);
    }
  }

  function groupOf(row: ServerRow): readonly unknown[] {
    const situation = started.get(row.group);
    if (!situation) return [];
    const targets = [{ targets: [`127.0.0.1:${situation.port}`] }];
    return [{ name: row.group, ...row.settings, ...situation.settings, static_configs: targets }];
  }

  async function played(row: ServerRow): Promise<Played> {
    if (startFailures.has(row.group)) throw startFailures.get(row.group);
    begin(row);
    const result = await plays.get(row.group);
    if (!result) throw new Error(`${row.group} was not played`);
    return result;
  }

  test.each(servers)('$name is installed where nothing may skip', ({ program, debianPackage }) => {
    const advice = `${program} was not found: apt-get install ${debianPackage.replaceAll(',', '')}`;
    const missing = process.env['CI'] === 'true' && findProgram(program) === null;
    expect(missing ? advice : 'nothing is missing').toBe('nothing is missing');
  });

  for (const server of servers) {
    const installed = installedServers.includes(server);
    const lacks = findProgram(server.program) === null ? `${server.program} is not installed` : 'it needs root';
    describe(`${server.name}`, () => {
      for (const row of server.rows) {
        const title = [row.setting, row.deed, row.server].filter((text) => text !== '').join(' · ');
        test.skipIf(!installed)(`${row.group}: ${title}${installed ? '' : ` (${lacks})`}`, async () => {
          const result = await played(row);
          expect(seenVerdict(row, result, await daemon.metrics(row.group))).toEqual(statedVerdict(row));
        });
      }
    });
  }

  describe('The whole run', () => {
    test('connections = disconnects + local closes + peers that are up, in every group', async () => {
      await Promise.allSettled(plays.values());
      const samples = await daemon.metrics();
      const sum = (name: string, group: string): number =>
        samples.filter((s) => s.name === name && s.labels['group'] === group).reduce((total, s) => total + s.value, 0);
      const books = [...plays.keys()].map((group) => ({
        group,
        connections: sum('finrst_connections_total', group),
        ends:
          sum('finrst_disconnects_total', group) +
          sum('finrst_local_closes_total', group) +
          sum('finrst_peer_up', group),
      }));
      expect(books.filter(({ connections, ends }) => connections !== ends)).toEqual([]);
      expect(books.length).toBe(plays.size);
    });

    test('docs/servers.md says what this run saw', async () => {
      const lines = await Promise.all(
        installedServers.flatMap((server) =>
          server.rows.map(async (row) => tableLine({ server, row, played: await played(row) })),
        ),
      );
      if (WRITE) await writeTable({ table, servers: installedServers, lines, stage });
      const page = await documented(table);
      // What is not installed cannot be compared; everything else is there, once, in order.
      const comparable = page.filter((line) => installedServers.some(({ name }) => line.startsWith(`| ${name} |`)));
      expect(lines.map(stable)).toEqual(comparable);
    });

    test('the daemon lets go of everything that is still held and exits 0', async () => {
      await Promise.allSettled(plays.values());
      expect(await daemon.stop()).toBe(0);
    });
  });
}
