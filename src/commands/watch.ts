import type { PeerRef } from '../domain/peer-ref.ts';
import { createJsonLines } from '../terminal/json-lines.ts';
import { TerminalSink } from '../terminal/terminal-sink.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { PeerSummary } from '../terminal/watch-summary.ts';
import { EXIT, command } from './command.ts';
import type { FlagValues } from './flags/parse-flags.ts';
import { type FAIL_ON, WATCH_FLAGS } from './flags/watch-flags.ts';
import type { Runtime } from './runtime.ts';
import { runUntilSignal } from './run-until-signal.ts';
import { planWatch } from './watch-plan.ts';

type WatchValues = FlagValues<typeof WATCH_FLAGS>;

/** Closing in order takes 2 s at most; nobody waits longer for Ctrl-C. */
const STOP_TIMEOUT_MS = 3000;

/** Holds the named peers and prints every step. Exit 0, or 1 where `--fail-on` names what was seen. */
export const watch = command({
  name: 'watch',
  usage: 'finrst watch HOST:PORT... [flags]  or  finrst watch --url=URL [flags]',
  summary: 'hold these peers now and print each step to the terminal; Ctrl-C prints a summary',
  about: [
    'Connects to each peer, holds the connection, says how it ended and what that usually means, and connects again.',
    'No port is opened and no file is written. What peers send is counted and dropped.',
    'With --url it holds nothing and prints what a running Finrst tells, the same way; a stream that is dropped is opened again.',
    'The summary at the end says so where the figures show a limit: of five ends at least four after the same silence or age.',
  ].join('\n'),
  flags: WATCH_FLAGS,
  examples: [
    'finrst watch redis-0.redis.payments:6379',
    "finrst watch redis-0:6379 redis-1:6379 --heartbeat.send='PING\\r\\n' --heartbeat.expect=+PONG",
    'finrst watch example.com:443 --tls --idle-timeout=5m --for=1h --json',
    'finrst watch broker:8883 --tls.ca-file=ca.pem --tls.cert-file=me.pem --tls.key-file=me.key',
    'finrst watch db-proxy:5433 --keepalive=off --for=30m',
    'finrst watch redis-0:6379 --protocol=redis --username=finrst --password-file=redis.password',
    'finrst watch api:443 --tls --for=2m --fail-on=error,idle_timeout,never',
    "finrst watch --url='http://127.0.0.1:10346/?group=payments-redis'",
  ],
  operands: { least: 0, most: Number.POSITIVE_INFINITY, completes: 'hosts' },
  async run(runtime, values, operands) {
    if (values.url !== null) {
      const { watchUrl } = await import('./watch-url.ts');
      return watchUrl(runtime, values, operands);
    }
    if (operands.length === 0) {
      runtime.printError('finrst watch: nothing to do; name peers as HOST:PORT, or a running Finrst with --url');
      return EXIT.misused;
    }
    const plan = await planWatch(values, operands, runtime);
    if (plan.kind === 'misused') {
      for (const message of plan.messages) runtime.printError(`finrst watch: ${message}`);
      return EXIT.misused;
    }
    const { config, targets } = plan;
    const terminal = openTerminal(runtime, { json: values.json, names: targets });
    const daemon = runtime.createDaemon({
      config,
      load: async () => ({ kind: 'loaded', config }),
      clock: runtime.clock,
      random: runtime.random,
      build: runtime.build,
      sinks: { terminal: terminal.sink },
      web: null,
    });
    terminal.note(`Watching ${targets.length === 1 ? '1 peer' : `${targets.length} peers`}; ${endOf(values)}.`);
    const held = { runtime, daemon, log: terminal.sink, forMs: values.for, stopTimeoutMs: STOP_TIMEOUT_MS };
    const exitCode = await runUntilSignal({ ...held, atEnd: (watchedMs) => terminal.summarize(watchedMs) });
    const failures = failuresOf(terminal.peers(), values['fail-on']);
    for (const failure of failures) runtime.printError(`finrst watch: --fail-on: ${failure}`);
    return failures.length > 0 ? EXIT.failed : exitCode;
  },
});

type View = {
  readonly json: boolean;
  readonly names: readonly string[];
};

function openTerminal(runtime: Runtime, { json, names }: View): Terminal {
  const { print: write, clock, colours, columns } = runtime;
  if (json) return createJsonLines({ write, now: () => clock.now() });
  const nameOf = ({ peer }: PeerRef) => peer;
  return new TerminalSink({ write, colours, columns, brief: false, clock, nameOf, names });
}

function endOf(values: WatchValues): string {
  return values.for === null ? 'Ctrl-C ends it with a summary' : 'it ends by itself with a summary, or at Ctrl-C';
}

/** What `--fail-on` names and was seen, one sentence for each peer and word. */
function failuresOf(peers: readonly PeerSummary[], failOn: readonly (typeof FAIL_ON)[number][]): readonly string[] {
  return failOn.flatMap((word) =>
    peers.flatMap(({ peer, connections, ends }) => {
      if (word === 'never') return connections === 0 ? [`${peer.peer} was never connected`] : [];
      const seen = Object.keys(ends).filter((end) => end.startsWith(`${word}/`));
      return seen.length > 0 ? [`${peer.peer} ended by ${seen.join(', ')}`] : [];
    }),
  );
}
