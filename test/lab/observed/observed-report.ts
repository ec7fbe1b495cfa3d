import { tally } from '../figures.ts';
import type { Lab } from '../run-lab.ts';
import type { ObservedRow } from './observed-rows.ts';

/** The part of docs/conformance.md about connections of other processes. */
export function observedReport({ observed: { begun, found, attempts } }: Lab): readonly string[] {
  const later = new Map(found.map((row) => [row.scenario.id, row]));
  const all = [...begun, ...found, ...attempts];
  const repeats = all.reduce((sum, { scenario }) => sum + scenario.repeat, 0);
  const right = all.reduce((sum, row) => sum + row.right, 0);
  return [
    '## Connections of other processes',
    '',
    'The same faults on the connections of the poll() client, judged by [observation](observe.md) alone, by a second daemon with',
    '`hold: false` and `observe: {}` for their addresses. *got*: what the client process itself was told; for ETIMEDOUT also whether',
    'the dead socket had bytes outstanding. The errno that was observed is the same. *right*: watched from the connect on, from another',
    'network namespace. *found*: from the namespace of the client, by a daemon that began when the connections stood, in the run under load.',
    `${right} of ${repeats} are right.`,
    '',
    '| id | injected | got | observed | right | found |',
    '|---|---|---|---|--:|--:|',
    ...begun.map((row) => `${line(row)} ${count(later.get(row.scenario.id))} |`),
    '',
    'Attempts of a plain Node.js client. Of some the trace says less: where the kernel refuses before it makes a packet there is no line,',
    'and where the ICMP error comes back while connect() itself still runs, as from a firewall of this host, the line can lack the errno.',
    '',
    '| id | injected | got | observed | right |',
    '|---|---|---|---|--:|',
    ...attempts.map(line),
    '',
  ];
}

function line(row: ObservedRow): string {
  const { scenario, got, seen } = row;
  return `| ${scenario.id} | ${scenario.injected} | ${tally(got)} | ${tally(seen)} | ${count(row)} |`;
}

function count(row: ObservedRow | undefined): string {
  if (row === undefined) return '';
  const text = `${row.right}/${row.scenario.repeat}`;
  return row.right === row.scenario.repeat ? text : `**${text}**`;
}
