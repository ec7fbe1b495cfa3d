import { createServer } from 'node:net';
import { parseConfig } from '../config/load-config.ts';
import { readFileFromDisk } from '../config/watch/named-files.ts';
import type { Config } from '../config/config.ts';
import { formatProblem } from '../config/config-problem.ts';
import type { DemoPeer } from '../demo/demo-peer.ts';
import { startDemoPeers } from '../demo/start-demo-peers.ts';
import type { ConnectionEvent } from '../domain/events/connection-events.ts';
import type { Sink } from '../events/bus.ts';
import type { WebSettings } from '../settings/web-settings.ts';
import { command } from './command.ts';
import { durationFlag } from './flags/flag.ts';
import { runUntilSignal } from './run-until-signal.ts';
import type { CommandDaemonOptions, Runtime, Terminal } from './runtime.ts';

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
  operands: 0,
  async run(runtime, values) {
    const started = await startDemoPeers(runtime.clock);
    const config = parsed(started.configText);
    const terminal = runtime.createTerminal({
      json: false,
      brief: true,
      nameOf: ({ group }) => group,
      names: started.peers.map(({ group }) => group),
    });
    const seen = createSeen();
    const options: Omit<CommandDaemonOptions, 'web'> = {
      config,
      load: () => ({ kind: 'loaded', config }),
      clock: runtime.clock,
      random: runtime.random,
      build: runtime.build,
      sinks: { terminal: terminal.sink, seen: seen.sink },
    };
    const port = await freePort();
    const daemon = runtime.createDaemon({ ...options, web: webSettings(port) });
    const exitCode = await runUntilSignal({
      runtime,
      daemon,
      log: terminal.sink,
      forMs: values.for,
      stopTimeoutMs: STOP_TIMEOUT_MS,
      onStarted: ([address = '']) => introduce({ runtime, terminal, peers: started.peers, address }),
      atEnd: () => tellSeen(terminal, started.peers, seen.counts),
    });
    started.stop();
    return exitCode;
  },
});

/** The first port from 10346 on that nobody listens on. */
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

function parsed(text: string): Config {
  const result = parseConfig(text, 'demo.yml', readFileFromDisk);
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
  print(`Finrst holds ${peers.length} peers on loopback, each of which does something else. Ctrl-C ends it.`);
  terminal.table([
    ['GROUP', 'WHAT THE PEER DOES', 'WHAT FINRST SAYS'],
    ...peers.map(({ group, does, expected }) => [group, does, expected ?? 'stays up']),
  ]);
  print(
    [
      '',
      'Look at:',
      `  ${url}/metrics`,
      `  ${url}/config   (the configuration of this demo)`,
      `  curl -s '${url}/api/v1/events?limit=20'`,
      `  curl -s ${url}/metrics | grep finrst_disconnects_by_reason_total | grep -v ' 0$'`,
      '',
    ].join('\n'),
  );
}

type Counts = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** How often each group ended or failed in which way. Our shutdown at the end is no news. */
function createSeen(): { readonly sink: Sink; readonly counts: Counts } {
  const counts = new Map<string, Map<string, number>>();
  return {
    counts,
    sink: {
      connection(event) {
        const outcome = outcomeOf(event);
        if (outcome === null) return;
        const ofGroup = counts.get(event.peer.group) ?? new Map<string, number>();
        counts.set(event.peer.group, ofGroup.set(outcome, (ofGroup.get(outcome) ?? 0) + 1));
      },
    },
  };
}

function outcomeOf(event: ConnectionEvent): string | null {
  switch (event.type) {
    case 'connected':
      return null;
    case 'connectFailed':
      return `${event.phase}/${event.reason}`;
    case 'disconnected':
      return `${event.class}/${event.reason}`;
    case 'localClosed':
      return event.reason === 'shutdown' ? null : `local/${event.reason}`;
  }
}

function tellSeen(terminal: Terminal, peers: readonly DemoPeer[], counts: Counts): void {
  const rows = peers.map(({ group, expected }) => {
    const of = [...(counts.get(group) ?? [])].map(([name, count]) => `${name} ${count}`);
    return [
      group,
      expected ?? 'stays up',
      of.length > 0 ? of.join(', ') : expected === null ? 'stayed up' : 'nothing yet',
    ];
  });
  terminal.table([['GROUP', 'EXPECTED', 'SEEN'], ...rows]);
}
