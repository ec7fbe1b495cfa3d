import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import type { Played } from './play.ts';
import type { RealServer, ServerRow } from './server-row.ts';
import type { Stage } from './stage.ts';

const PAGE = fileURLToPath(new URL('../../docs/servers.md', import.meta.url));
/** The page has one table for each file of tests. */
export type TableName = 'servers' | 'brokers' | 'stores';
const begin = (table: TableName): string =>
  `<!-- table of ${table}: begin (written by FINRST_WRITE_DOCS=1 npm run test:servers) -->`;
const end = (table: TableName): string => `<!-- table of ${table}: end -->`;
const HEAD = [
  '| Server | Setting | What happens | What the server does | Finrst reports | `idle_s` in this run |',
  '|---|---|---|---|---|---|',
];

/** One line of the table. The last column was measured and differs from run to run; the others may not. */
export function tableLine(seen: {
  readonly server: RealServer;
  readonly row: ServerRow;
  readonly played: Played;
}): string {
  const { server, row, played } = seen;
  return `| ${[server.name, row.setting, row.deed, row.server, verdict(played), idle(played)].join(' | ')} |`;
}

function verdict(played: Played): string {
  switch (played.kind) {
    case 'ended':
      return `\`${played.event.class}\` / \`${played.event.reason}\`${goodbye(played.event)}`;
    case 'refused':
      return `connect failure \`${played.event.phase}\` / \`${played.event.reason}\`${goodbye(played.event)}`;
    case 'held':
      return `nothing: it is held (watched for ${played.seconds} s)`;
    case 'nothing':
      return `nothing: no \`${played.waitedFor}\` came`;
  }
}

function goodbye({ goodbye: said }: { readonly goodbye?: string }): string {
  return said === undefined ? '' : `, goodbye \`${said}\``;
}

function idle(played: Played): string {
  return played.kind === 'ended' ? (played.event.idle_s ?? Number.NaN).toFixed(1) : '';
}

/** A line without its measured column. */
export function stable(line: string): string {
  return line.split(' | ').slice(0, -1).join(' | ');
}

/** The lines of the table as committed, without the measured column. */
export async function documented(table: TableName): Promise<readonly string[]> {
  const page = await readFile(PAGE, 'utf8');
  const [from, to] = placeOf(table, page);
  const lines = page.slice(from, to).split('\n');
  return lines.filter((line) => line.startsWith('| ') && !HEAD.includes(line)).map(stable);
}

/** Where the table begins and ends in the page, from mark to mark. */
function placeOf(table: TableName, page: string): readonly [from: number, to: number] {
  const [from, to] = [page.indexOf(begin(table)), page.indexOf(end(table))];
  if (from < 0 || to < from) throw new Error(`${PAGE} has lost the marks of its table of ${table}`);
  return [from, to];
}

/** Puts the table of this run between its marks in docs/servers.md, with the versions it was made with. */
export async function writeTable(written: {
  readonly table: TableName;
  readonly servers: readonly RealServer[];
  readonly lines: readonly string[];
  readonly stage: Stage;
}): Promise<void> {
  const { table, servers, lines, stage } = written;
  const page = await readFile(PAGE, 'utf8');
  const versions = await Promise.all(servers.map((server) => version(server, stage)));
  const text = [begin(table), '', `Seen with ${versions.join(', ')}.`, '', ...HEAD, ...lines, ''].join('\n');
  const [from, to] = placeOf(table, page);
  await writeFile(PAGE, page.slice(0, from) + text + page.slice(to));
}

async function version(server: RealServer, stage: Stage): Promise<string> {
  // Some print the version and exit with an error; the text counts.
  const text = await stage
    .program(server.versionProgram ?? server.program, server.versionArguments)
    .catch((error: unknown) => {
      const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string };
      return `${stdout ?? ''}${stderr ?? ''}`;
    });
  return `${server.name} ${/\d+\.\d+(?:\.\d+)?(?:p\d+)?/.exec(text)?.[0] ?? 'of an unknown version'}`;
}
