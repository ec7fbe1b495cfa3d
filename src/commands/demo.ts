import { createServer } from 'node:net';
import type { Config } from '../config/config.ts';
import { formatProblem } from '../text/file-problem.ts';
import type { DemoPeer } from '../demo/demo-peer.ts';
import { startDemoPeers } from '../demo/start-demo-peers.ts';
import type { WebSettings } from '../settings/web-settings.ts';
import { NO_OPERANDS, command } from './command.ts';
import { durationFlag } from './flags/flag.ts';
import { runUntilSignal } from './run-until-signal.ts';
import type { Runtime } from './runtime.ts';
import { TerminalSink } from '../terminal/terminal-sink.ts';
import type { Terminal } from '../terminal/terminal.ts';

const DEMO_FLAGS = {
  for: durationFlag(null, 'Stop after this long instead of at Ctrl-C. 20s show everything at least once.'),
} as const;

const FIRST_PORT = 10_346;
/** Where a hundred ports in a row are taken, something else is wrong. */
const PORTS_TRIED = 100;
const STOP_TIMEOUT_MS = 3000;

/** The daemon plus built-in peers on loopback that end in every way loopback can show. */
export const demo = command({
  name: 'demo',
  usage: 'finrst demo [--for=DURATION]',
  summary: 'the daemon plus built-in peers on loopback that end in every way loopback can show',
  about: [
    'Starts peers on 127.0.0.1, each of which treats its connections in its own way, and the daemon that holds them.',
    'Prints each end as it happens, and where to look. Takes port 10346 or the next free one. Nothing leaves this machine.',
  ].join('\n'),
  flags: DEMO_FLAGS,
  examples: ['finrst demo', 'finrst demo --for=30s'],
  operands: NO_OPERANDS,
  async run(runtime, values) {
    const started = await startDemoPeers(runtime.clock);
    const config = await parsed(started.configText);
    const terminal = new TerminalSink({
      write: runtime.print,
      colours: runtime.colours,
      columns: runtime.columns,
      brief: true,
      clock: runtime.clock,
      nameOf: ({ group }) => group,
      names: started.peers.map(({ group }) => group),
    });
    const daemon = runtime.createDaemon({
      config,
      load: async () => ({ kind: 'loaded', config }),
      clock: runtime.clock,
      random: runtime.random,
      build: runtime.build,
      sinks: { terminal: terminal.sink },
      web: webSettings(await freePort()),
    });
    const exitCode = await runUntilSignal({
      runtime,
      daemon,
      log: terminal.sink,
      forMs: values.for,
      stopTimeoutMs: STOP_TIMEOUT_MS,
      onStarted: ([address = '']) => introduce({ runtime, terminal, peers: started.peers, address }),
      atEnd: () => printOutcomes(terminal, started.peers),
    });
    started.stop();
    return exitCode;
  },
});

/** The first port from 10346 on that is free. */
async function freePort(): Promise<number> {
  for (let port = FIRST_PORT; port < FIRST_PORT + PORTS_TRIED; port += 1) {
    if (await isFree(port)) return port;
  }
  throw new Error(`no port from ${FIRST_PORT} to ${FIRST_PORT + PORTS_TRIED - 1} is free`);
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function webSettings(port: number): WebSettings {
  return {
    listenAddresses: [`127.0.0.1:${port}`],
    webConfigFile: null,
    telemetryPath: '/metrics',
    externalUrl: null,
    routePrefix: '/',
    enableLifecycle: false,
  };
}

async function parsed(text: string): Promise<Config> {
  const { parseConfig } = await import('../config/load-config.ts');
  const result = parseConfig(text, 'demo.yml', () => ({ kind: 'unreadable', why: 'ENOENT' }));
  if (result.kind === 'loaded') return result.config;
  throw new TypeError(`the demo's own configuration is wrong: ${result.problems.map(formatProblem).join('; ')}`);
}

type Introduction = {
  readonly runtime: Runtime;
  readonly terminal: Terminal;
  readonly peers: readonly DemoPeer[];
  readonly address: string;
};

function introduce({ runtime: { print }, terminal, peers, address }: Introduction): void {
  const url = `http://${address}`;
  terminal.note(`Finrst holds ${peers.length} peers on loopback, each of which does something else. Ctrl-C ends it.`);
  terminal.table([
    ['GROUP', 'WHAT THE PEER DOES', 'WHAT FINRST SAYS'],
    ...peers.map(({ group, does, expected }) => [group, does, expected ?? 'stays up']),
  ]);
  // Each fits 60 columns; a line that ends in a pipe can be pasted as it is.
  print(
    [
      '',
      'Look at (/config is the configuration of this demo):',
      `  ${url}/metrics`,
      `  ${url}/config`,
      `  curl -s '${url}/api/v1/events?limit=20'`,
      `  curl -s ${url}/metrics |`,
      "    grep finrst_disconnects_by_reason_total | grep -v ' 0$'",
      '',
    ].join('\n'),
  );
}

/** What was promised of each group, and how often its connections ended or failed in which way. */
function printOutcomes(terminal: Terminal, peers: readonly DemoPeer[]): void {
  const summaries = Map.groupBy(terminal.peers(), ({ peer }) => peer.group);
  const rows = peers.map(({ group, expected }) => {
    const outcomes = (summaries.get(group) ?? []).flatMap(({ ends, failed }) => Object.entries({ ...ends, ...failed }));
    const words = outcomes.map(([name, count]) => `${name} ${count}`).join(', ');
    return [group, expected ?? 'stays up', words || (expected === null ? 'stayed up' : 'nothing yet')];
  });
  terminal.table([['GROUP', 'EXPECTED', 'SEEN'], ...rows]);
}
