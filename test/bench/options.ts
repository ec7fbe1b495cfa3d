import { parseArgs } from 'node:util';
import { KEEPALIVES, PATHS, type Silence } from './parts/measure-false-ends.ts';
import { PHASES } from './parts/hold-plain.ts';

/** What can be measured alone, and about how long it takes on a quiet machine. */
export const PARTS = {
  idle: 'memory and CPU while nothing happens',
  scrape: 'CPU, time and size of scrapes',
  ends: 'end to counter, quiet and during scrapes',
  storm: 'all peers end within a second',
  kill: 'the server of all peers is killed',
  stream: 'what readers of the event stream add to a storm',
  reload: 'the configuration is loaded again',
  tls: 'memory, idle CPU and handshakes with TLS (2,000 peers)',
  heartbeats: 'idle CPU with a heartbeat every 10 s',
  protocols: 'memory and idle CPU with a login and its heartbeats, beside plain peers (5,000 peers)',
  discovery: 'memory and idle CPU of peers that a file lists, with ten labels and three rules, beside plain peers',
  spans: 'what spans add to an end and a reconnect (3,000 peers)',
  blackbox: 'probes of blackbox_exporter beside held connections (5,000 peers)',
  'false-ends': 'silent peers over loopback and veth, three settings of keepalive',
} as const;

export type PartName = keyof typeof PARTS;
const PART_NAMES = Object.keys(PARTS) as readonly PartName[];

const FLAGS = {
  only: { type: 'string', multiple: true },
  peers: { type: 'string', multiple: true },
  repeats: { type: 'string' },
  seconds: { type: 'string', default: '60' },
  minutes: { type: 'string', default: '10' },
  path: { type: 'string', multiple: true },
  keepalive: { type: 'string', multiple: true },
  add: { type: 'string' },
  'write-docs': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

export const HELP = `Measures Finrst beside a Go program, Node.js with prom-client, Node.js alone, a C program and blackbox_exporter.

  npm run bench                                     everything, about 50 minutes on a quiet machine
  npm run bench -- --only=storm --peers=5000        one part

  --only=PART        one of the parts below; can be given more than once. Default: all
  --peers=N          numbers of peers. Default: 1000, 5000 and 15000; parts with a number of their own keep to it
  --repeats=N        passes over idle, scrape, ends, storm and kill. Default: 3 at 15000 peers, else 1;
                     of protocols as well
  --seconds=N        how long the idle CPU is measured; whole multiples of 15. Default: 60
  --minutes=N        how long silent peers are watched for false ends. Default: 10
  --path=PATH        false ends: ${PATHS.join(' or ')}. Default: both
  --keepalive=K      false ends: ${Object.keys(KEEPALIVES).join(', ')}. Default: all
  --add=FILE         add the figures to this file and judge all that it has, so that a run can be done in pieces
  --write-docs       write the figures of --add, or of this run, into docs/performance.md; nothing is measured with --add

Parts:
${Object.entries(PARTS)
  .map(([name, about]) => `  ${name.padEnd(12)}${about}`)
  .join('\n')}

Needs a C compiler; root for false-ends. Go and blackbox_exporter are columns less where they are not installed.`;

export type Options = {
  readonly parts: readonly PartName[];
  readonly peers: readonly number[];
  /** Null: as many as the number of peers asks for. */
  readonly repeats: number | null;
  readonly idleSeconds: number;
  readonly minutes: number;
  readonly silences: readonly Silence[];
  readonly file: string | null;
  readonly writesDocs: boolean;
};

export type ParsedOptions =
  | { readonly kind: 'options'; readonly options: Options }
  | { readonly kind: 'help' }
  | { readonly kind: 'misused'; readonly problem: string };

/** Reads the flags of the bench. */
export function parseOptions(args: readonly string[]): ParsedOptions {
  let values;
  try {
    ({ values } = parseArgs({ args: [...args], options: FLAGS }));
  } catch (error) {
    return { kind: 'misused', problem: error instanceof Error ? error.message : String(error) };
  }
  if (values.help) return { kind: 'help' };
  const problem =
    unknownWord('only', values.only, PART_NAMES) ??
    unknownWord('path', values.path, PATHS) ??
    unknownWord('keepalive', values.keepalive, Object.keys(KEEPALIVES)) ??
    notPositive({ ...values, peers: undefined }) ??
    (values.peers ?? []).map((peers) => notPositive({ peers })).find((found) => found !== null) ??
    null;
  if (problem !== null) return { kind: 'misused', problem };
  const keepalives = (values.keepalive ?? Object.keys(KEEPALIVES)) as readonly Silence['keepalive'][];
  const paths = (values.path ?? PATHS) as readonly Silence['path'][];
  return {
    kind: 'options',
    options: {
      parts: (values.only ?? PART_NAMES) as readonly PartName[],
      peers: (values.peers ?? ['1000', '5000', '15000']).map(Number),
      repeats: values.repeats === undefined ? null : Number(values.repeats),
      idleSeconds: Number(values.seconds),
      minutes: Number(values.minutes),
      silences: paths.flatMap((path) => keepalives.map((keepalive) => ({ path, keepalive }))),
      file: values.add ?? null,
      writesDocs: values['write-docs'],
    },
  };
}

/** The parts that share one fleet. */
export function phasesOf(parts: readonly PartName[]): readonly (typeof PHASES)[number][] {
  return PHASES.filter((phase) => parts.includes(phase));
}

function unknownWord(flag: string, given: readonly string[] | undefined, known: readonly string[]): string | null {
  const unknown = given?.find((word) => !known.includes(word));
  return unknown === undefined ? null : `--${flag} is "${unknown}", expected one of ${known.join(', ')}`;
}

function notPositive(values: Readonly<Record<string, unknown>>): string | null {
  for (const flag of ['peers', 'repeats', 'seconds', 'minutes']) {
    const value = values[flag];
    if (typeof value === 'string' && !(Number(value) > 0)) return `--${flag} is "${value}", expected a number above 0`;
  }
  return null;
}
