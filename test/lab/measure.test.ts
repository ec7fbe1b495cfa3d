import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Janitor, startJanitor } from './janitor.ts';
import { missingRequirements } from './requirements.ts';

const missing = missingRequirements();
const lacks = missing.length === 0 ? '' : ` (skipped, it needs: ${missing.join('; ')})`;
const ROOT = join(import.meta.dirname, '../..');

/** What forgets connections: conntrack, whose firewall drops or resets what it does not know, or a proxy that closes in order. */
type Box = { readonly limit: number; readonly how: 'silent' | 'reset' | 'fin' };

const BOXES: readonly Box[] = [
  { limit: 3, how: 'silent' },
  { limit: 7, how: 'silent' },
  { limit: 9, how: 'silent' },
  { limit: 12, how: 'silent' },
  { limit: 4, how: 'reset' },
  { limit: 8, how: 'reset' },
  { limit: 11, how: 'reset' },
  { limit: 5, how: 'fin' },
  { limit: 6, how: 'fin' },
  { limit: 10, how: 'fin' },
];

type Finding = {
  readonly result: string;
  readonly survived_s: number;
  readonly fatal_s: number;
  readonly how: string;
  readonly advice_keepalive_s: number;
  readonly steps: readonly { readonly s: number; readonly outcome: string }[];
};

const PREFIX = `finrst-measure-${process.pid}`;
const SERVER = '10.79.2.2';
const PROXY = '10.79.1.1';
const portOf = (box: Box): number => 9000 + BOXES.indexOf(box);

/** Steps 1 s apart around the limit. */
const stepsOf = ({ limit }: Box): readonly number[] => [-1.5, -0.5, 0.5, 1.5, 2.5].map((by) => limit + by);

/** Accepts on all ports and never says a word. */
const SILENT_SERVER = `
const { createServer } = require('node:net');
for (const port of [${BOXES.map(portOf).join()}]) createServer((s) => s.on('error', () => {}).resume()).listen(port, () => console.log('ready'));
`;

/** Forwards each port to the server, and closes both sides in order when no payload has passed for the limit of the port. */
const PROXIES = `
const { connect, createServer } = require('node:net');
for (const [port, limit] of ${JSON.stringify(BOXES.map((box) => [portOf(box), box.limit]))})
  createServer((near) => {
    const far = connect(port, '${SERVER}');
    let timer;
    const arm = () => {
      clearTimeout(timer);
      timer = setTimeout(() => [near, far].forEach((side) => side.end()), limit * 1000);
    };
    arm();
    for (const [from, to] of [[near, far], [far, near]]) from.on('error', () => {}).on('data', (bytes) => { arm(); to.write(bytes); });
  }).listen(port, () => console.log('ready'));
`;

function firewall(): string {
  const tracked = BOXES.filter(({ how }) => how !== 'fin');
  const limits = tracked.map((box) => ({ box, name: `after_${box.limit}` }));
  return `table ip boxes {
  ${limits.map(({ box, name }) => `ct timeout ${name} { protocol tcp; l3proto ip; policy = { established : ${box.limit} }; }`).join('\n  ')}
  chain limits {
    type filter hook prerouting priority filter;
    ${limits.map(({ box, name }) => `tcp dport ${portOf(box)} ct timeout set "${name}"`).join('\n    ')}
  }
  chain verdicts {
    type filter hook forward priority filter;
    ${tracked.map((box) => `tcp dport ${portOf(box)} ct state invalid ${box.how === 'silent' ? 'drop' : 'reject with tcp reset'}`).join('\n    ')}
  }
}
`;
}

const inside = (place: string, command: readonly string[]): string[] => [
  'netns',
  'exec',
  `${PREFIX}-${place}`,
  ...command,
];

function run(place: string, command: readonly string[], input = ''): void {
  execFileSync('ip', inside(place, command), { input, stdio: ['pipe', 'ignore', 'inherit'] });
}

function buildNetwork(janitor: Janitor): void {
  for (const place of ['client', 'box', 'server']) {
    const name = `${PREFIX}-${place}`;
    janitor.add(`for pid in $(ip netns pids ${name}); do kill -9 "$pid"; done; ip netns del ${name}`);
    execFileSync('ip', ['netns', 'add', name]);
    run(place, ['ip', 'link', 'set', 'lo', 'up']);
  }
  for (const [n, place] of [
    [1, 'client'],
    [2, 'server'],
  ] as const) {
    run(place, ['ip', 'link', 'add', 'near', 'type', 'veth', 'peer', 'name', place, 'netns', `${PREFIX}-box`]);
    run(
      place,
      ['ip', '-batch', '-'],
      `addr add 10.79.${n}.2/24 dev near\nlink set near up\nroute add default via 10.79.${n}.1\n`,
    );
    run('box', ['ip', '-batch', '-'], `addr add 10.79.${n}.1/24 dev ${place}\nlink set ${place} up\n`);
  }
  run('box', ['nft', '-f', '-'], firewall());
  run('box', ['sysctl', '-q', '-w', 'net.ipv4.ip_forward=1', 'net.netfilter.nf_conntrack_tcp_loose=0']);
}

/** Resolves when it listens on all its ports. */
async function serve(place: string, program: string): Promise<void> {
  const child = spawn('ip', inside(place, [process.execPath, '-e', program]), { stdio: ['ignore', 'pipe', 'inherit'] });
  let ready = 0;
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    ready += chunk.toString().split('ready').length - 1;
    if (ready >= BOXES.length) return;
  }
  throw new Error(`the server in ${place} ended`);
}

async function measure(box: Box): Promise<Finding> {
  const target = `${box.how === 'fin' ? PROXY : SERVER}:${portOf(box)}`;
  const steps = stepsOf(box).map((seconds) => `${seconds * 1000}ms`);
  const finrst = [process.execPath, 'src/main.ts', 'measure', target, `--steps=${steps.join()}`, '--json'];
  const child = spawn('ip', inside('client', finrst), { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const [exitCode] = (await once(child, 'close')) as [number];
  if (exitCode !== 0) throw new Error(`finrst measure ended with ${exitCode}: ${text}`);
  return JSON.parse(text) as Finding;
}

test.runIf(process.env['CI'] === 'true')('a CI machine has all that measuring needs', () => {
  expect(missing).toEqual([]);
});

describe.skipIf(missing.length > 0)(`finrst measure through boxes that forget${lacks}`, () => {
  const janitor = startJanitor();
  const findings = new Map<Box, Finding>();
  afterAll(() => janitor.finish());
  beforeAll(async () => {
    buildNetwork(janitor);
    await Promise.all([serve('server', SILENT_SERVER), serve('box', PROXIES)]);
    await Promise.all(BOXES.map(async (box) => findings.set(box, await measure(box))));
  }, 120_000);

  test.each(BOXES)('$how after $limit s: the bracket holds the limit', (box) => {
    const found = findings.get(box)!;
    const { result, how, survived_s: survived, fatal_s: fatal } = found;
    expect({ result, how, survived, fatal }).toEqual({
      result: 'limit',
      how: box.how,
      survived: box.limit - 0.5,
      fatal: box.limit + 0.5,
    });
    expect(found.advice_keepalive_s).toBe(Math.max(1, Math.floor((box.limit - 0.5) / 2)));
  });

  test('a finding has witnesses, and every shorter silence was survived', () => {
    for (const [{ limit }, { steps }] of findings) {
      const survived = steps.filter(({ outcome }) => outcome === 'survived');
      expect(survived.map(({ s }) => s)).toEqual([limit - 1.5, limit - 0.5]);
      expect(steps.length - survived.length).toBeGreaterThanOrEqual(2);
    }
  });
});
