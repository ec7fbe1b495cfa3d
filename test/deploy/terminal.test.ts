import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { lackOf } from './lack-of.ts';
import { ROOT } from './rendered-chart.ts';
import { startInTmux, type TmuxTerminal } from './tmux-terminal.ts';

const MAIN = join(ROOT, 'src/main.ts');
const lack = lackOf(['tmux']);

/** Ends each connection after a good second. */
async function impatientPeer(): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    setTimeout(() => socket.end(), 1100);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe.skipIf(lack.skip)(`in a real terminal${lack.note}`, () => {
  test('watch says the same at 60, 80 and 200 columns, and the terminal breaks none of its lines', async () => {
    const peer = `127.0.0.1:${await impatientPeer()}`;
    const watch = (columns: number) =>
      startInTmux({ columns, argv: [process.execPath, MAIN, 'watch', peer, '127.0.0.1:1'] });
    const terminals = new Map([60, 80, 200].map((columns) => [columns, watch(columns)]));
    await Promise.all(Array.from(terminals.values(), (terminal) => terminal.shows(threeEnds(peer))));
    for (const terminal of terminals.values()) terminal.type('C-c');
    for (const [columns, terminal] of terminals) {
      await terminal.shows(/tcp\/refused\s+\d+\n/);
      expect(terminal.text(), `${columns} columns`).toBe(terminal.unbroken());
      expect(leftOver(terminal, peer, columns), `${columns} columns`).toBe('');
    }
  });

  test('the tables of demo are not broken at 60, 80 and 200 columns', async () => {
    for (const columns of [60, 80, 200]) {
      const terminal = startInTmux({ columns, argv: [process.execPath, MAIN, 'demo', '--for=3s'] });
      // In the table at the start, among the ends, and in the table at the end.
      await terminal.shows(/(?:tls-hangs[^]*){3}/);
      expect(terminal.text(), `${columns} columns`).toBe(terminal.unbroken());
      for (const word of ['idle_timeout/write_stalled', 'tls-wants-certificate', '/api/v1/events?limit=20']) {
        expect(terminal.text(), `${columns} columns`).toContain(word);
      }
    }
  });

  test('a terminal that is resized is fitted from then on', async () => {
    const terminal = startInTmux({ columns: 200, argv: [process.execPath, MAIN, 'watch', '127.0.0.1:1'] });
    await terminal.shows(/ECONNREFUSED/);
    terminal.resize(50);
    const before = terminal.text().split('\n').length;
    await terminal.shows(/2\s+times in/);
    terminal.type('C-c');
    await terminal.shows(/Watched for/);
    const after = terminal
      .text()
      .split('\n')
      .slice(before - 1);
    expect(Math.max(...after.map((line) => line.length))).toBeLessThanOrEqual(50);
  });
});

/** The end of the third connection; its words may be on several lines. */
function threeEnds(peer: string): RegExp {
  return new RegExp(`(?:${escaped(peer)}\\s+ended[^]*){3}`);
}

const FIN =
  'ended after {#}: eof/fin: the peer closed the connection in order; idle {#}, received 0 B, sent 0 B, next try in {#}';
const ADVICE =
  'usually an idle timeout of the peer or a proxy in front of it, a restart, or an answer that ended the talk';
const REFUSED = 'connect failed: tcp/refused';

/** Every sentence of such a run, longer ones before those that they begin with. `{#}` is a figure with its unit. */
const SENTENCES = [
  'Watching 2 peers; Ctrl-C ends it with a summary.',
  '{time} {peer} connected to {peer} in {#} (dns {#}, tcp {#}), was down for {#}',
  '{time} {peer} connected to {peer} in {#} (dns {#}, tcp {#})',
  `{time} {peer} ${FIN} ${ADVICE}`,
  `{time} {peer} ${FIN}`,
  `{time} 127.0.0.1:1 ${REFUSED} after {#}: nothing listens on the port, or a box in between refused for it (ECONNREFUSED); next try in {#}`,
  `{time} 127.0.0.1:1 ${REFUSED} (ECONNREFUSED), {n} times in {#}; next try in {#}`,
  'Watched for {#}.',
];
/** What depends on the moment of Ctrl-C, and on how exact the peer's timer was. */
const MAY_COME = [
  `{time} 127.0.0.1:1 ${REFUSED} (ECONNREFUSED), {n} times in {#}, the last {#} ago`,
  '{time} {peer} closed by us after {#}: we are shutting down',
  '{peer}: each time after {#} of silence, its whole life: a timer, not an accident: an idle limit, or a greatest age (a heartbeat that is shorter tells which); no known limit has this value (finrst explain idle_limits lists them)',
];
const TABLE = [
  'PEER UP CONNECTIONS FAILED SHORTEST LONGEST ENDED BY FAILED BY',
  '{peer} {n} % {n} 0 {#} {#} eof/fin {n} -',
  '127.0.0.1:1 0.0 % 0 {n} - - - tcp/refused {n}',
];
const PARAGRAPHS = [
  '{peer} up: {n} %; connections: {n}; failed: 0; shortest: {#}; longest: {#}; ended by: eof/fin {n}; failed by: -',
  '127.0.0.1:1 up: 0.0 %; connections: 0; failed: {n}; shortest: -; longest: -; ended by: -; failed by: tcp/refused {n}',
];

/** What a terminal shows besides the sentences of such a run. Fails where one of them is not there. */
function leftOver(terminal: TmuxTerminal, peer: string, columns: number): string {
  let left = terminal.text().replace('^C', '').replaceAll(/\s+/g, ' ');
  for (const sentence of [...MAY_COME, ...SENTENCES, ...(columns === 200 ? TABLE : PARAGRAPHS)]) {
    const next = left.replaceAll(patternOf(sentence, peer), '');
    if (!MAY_COME.includes(sentence)) expect(next, `${columns} columns lack: ${sentence}\n${left}`).not.toBe(left);
    left = next;
  }
  return left.trim();
}

const TOKENS: Readonly<Record<string, string>> = {
  '{time}': '\\d\\d:\\d\\d:\\d\\d\\.\\d{3}',
  '{#}': '[\\d.]+ (?:ms|s)',
  '{n}': '[\\d.]+',
};

function patternOf(sentence: string, peer: string): RegExp {
  const parts = sentence.replaceAll('{peer}', peer).split(/(\{[^}]+\})/);
  return new RegExp(parts.map((part) => TOKENS[part] ?? escaped(part)).join(''), 'g');
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
