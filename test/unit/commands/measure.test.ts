import { describe, expect, test } from 'vitest';
import { runCommandLine } from '../../../src/commands/run-command-line.ts';
import type { MeasureSilenceOptions, SilenceMeasured } from '../../../src/daemon/measure-silence.ts';
import { findSilenceLimit } from '../../../src/domain/silence/find-silence-limit.ts';
import type { LadderEnd, LadderRow } from '../../../src/domain/silence/silence-ladder-state.ts';
import type { SilenceResult } from '../../../src/domain/silence/silence-result.ts';
import { settled } from '../../support/fake-clock.ts';
import { createFakeRuntime } from '../../support/fake-runtime.ts';
import { tlsFile } from '../../support/tls-peer.ts';

// oxlint-disable-next-line no-control-regex -- what moves the cursor begins with one
const MOVES = /\u001b\[\d*[A-Z]/g;

type Asked = Omit<MeasureSilenceOptions, 'platform' | 'env' | 'readFile'>;

const STEPS = [315_000, 335_000, 365_000, 570_000];
const REACHED = { address: '203.0.113.24', port: 8443, local: '10.0.4.17', tls: 'TLSv1.3', rttMs: 24 };
const result = (stepMs: number, of: Partial<SilenceResult> = {}): SilenceResult => ({
  stepMs,
  silentMs: stepMs,
  outcome: 'survived',
  asked: 'onTime',
  at: stepMs,
  answeredMs: 24,
  isRepeated: false,
  ...of,
});
const FORGOTTEN = [
  result(315_000),
  result(335_000),
  result(365_000, { outcome: 'reset', answeredMs: null }),
  result(570_000, { outcome: 'reset', answeredMs: null, asked: 'early', silentMs: 366_000 }),
];
const rowOf = (of: SilenceResult): LadderRow => ({
  stepMs: of.stepMs,
  isRepeated: of.isRepeated,
  state: 'over',
  silentMs: 0,
  result: of,
});

/** Runs the command over a ladder that a test moves. */
function measuring(args: readonly string[], { columns = null as number | null } = {}) {
  let asked: Asked | undefined;
  let stops = 0;
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<LadderEnd>();
  const results: SilenceResult[] = [];
  const finding = () => findSilenceLimit(results, STEPS);
  const runtime = {
    ...createFakeRuntime(),
    columns: () => columns,
    async measureSilence(options: Asked): Promise<SilenceMeasured> {
      asked = options;
      begun.resolve();
      const rows = () => results.map(rowOf);
      const stop = () => void stops++;
      return {
        kind: 'begun',
        measurement: { stepsMs: STEPS, mostMs: 600_000, rows, finding, ended: ended.promise, stop },
      };
    },
  };
  return {
    runtime,
    exit: runCommandLine(runtime, ['measure', ...args]),
    begun: begun.promise,
    asked: () => asked!,
    stops: () => stops,
    decide(of: SilenceResult) {
      results.push(of);
      asked?.decided(of);
    },
    end: (how: LadderEnd = { kind: 'found', finding: finding() }) => ended.resolve(how),
    text: () => runtime.printed.join('\n'),
  };
}

async function forgotten(args: readonly string[], options = {}) {
  const run = measuring(['ledger:8443', ...args], options);
  await run.begun;
  await settled();
  run.asked().connected(REACHED);
  for (const each of FORGOTTEN) run.decide(each);
  run.end();
  return { ...run, code: await run.exit };
}

test('in a pipe each result is a line, and the end says what, how, whose and what to do, with a sentence to paste', async () => {
  const { code, text, stops } = await forgotten(['--tls']);
  expect(code).toBe(0);
  expect(stops()).toBe(1);
  expect(text()).toContain('203.0.113.24:8443, TLSv1.3, round trip 24.0 ms. 4 silences up to 570 s');
  expect(text()).toMatch(/^\d\d:\d\d:\d\d 335 s answered in 24.0 ms$/m);
  expect(text()).toMatch(/^\d\d:\d\d:\d\d 366 s FORGOTTEN, reset$/m);
  expect(text()).toContain('LIMIT  Between 335 s and 365 s of silence this path forgets a connection.');
  expect(text()).toContain('HOW    Without a word. The next packet is answered with a reset (2 of 2).');
  expect(text()).toContain('WHOSE  350 s is the limit of AWS NAT gateway');
  expect(text()).toContain(
    'ASKED  Asked by keepalive: only as far as the first box that ends TCP, which may be a proxy.',
  );
  expect(text()).toContain('SET    keepalive: {idle: 167s}');
  expect(text()).toMatch(
    /^The path from 10.0.4.17 to ledger:8443 \(203.0.113.24\) forgets TCP connections after 335 s to 365 s of silence and resets the next packet \(.* 2 shorter silences survived, 2 longer ones did not; .*\); known limits: AWS NLB, NAT gateway: 350 s, so something has to be sent at least every 167 s\.$/m,
  );
});

test('--json is one object with the bracket, and nothing else', async () => {
  const { runtime } = await forgotten(['--json']);
  expect(runtime.printed).toHaveLength(1);
  expect(JSON.parse(runtime.printed[0]!)).toEqual({
    peer: 'ledger:8443',
    address: '203.0.113.24',
    started: '2026-01-01T00:00:00.000Z',
    asked_by: 'keepalive',
    result: 'limit',
    steps: [
      { s: 315, outcome: 'survived', answered_s: 0.024 },
      { s: 335, outcome: 'survived', answered_s: 0.024 },
      { s: 365, outcome: 'reset' },
      { s: 366, outcome: 'reset' },
    ],
    survived_s: 335,
    fatal_s: 365,
    how: 'reset',
    suspect: '350 s, AWS NLB, NAT gateway',
    advice_keepalive_s: 167,
  });
});

test.each([60, 80, 200])(
  'in a terminal of %i columns the ladder is rewritten in place and no line is wider',
  async (columns) => {
    const { runtime, text } = await forgotten([], { columns });
    const plain = runtime.printed.map((line) => line.replace(MOVES, ''));
    expect(Math.max(...plain.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(text()).toContain('\u001b[2A');
    expect(plain.some((line) => line.trim().startsWith('SILENCE'))).toBe(true);
    expect(plain.filter((line) => /^ +365 s {2}FORGOTTEN, reset +here: 350 s/.test(line))).toHaveLength(1);
    expect(plain.filter((line) => line.includes('(that for 570 s'))).toHaveLength(1);
  },
);

describe('exit codes', () => {
  const limit = () => findSilenceLimit(FORGOTTEN, STEPS);
  const together = { kind: 'together', survivedMs: null, stepMs: 1, ends: 3, at: 0, withinMs: 2 } as const;
  test.each<{ readonly end: LadderEnd; readonly code: number; readonly says: string }>([
    { end: { kind: 'found', finding: limit() }, code: 0, says: 'Between 335 s and 365 s' },
    { end: { kind: 'found', finding: { kind: 'none', survivedMs: 600_000 } }, code: 0, says: 'None up to 600 s' },
    {
      end: { kind: 'found', finding: { kind: 'contradicted', survivedMs: 600_000, diedMs: 60_000 } },
      code: 0,
      says: 'died after 60 s of silence, and another one survived 600 s',
    },
    {
      end: { kind: 'found', finding: { kind: 'unconfirmed', survivedMs: null, stepMs: 60_000 } },
      code: 0,
      says: 'nothing confirms',
    },
    { end: { kind: 'found', finding: together }, code: 1, says: '3 connections ended within 2 ms at' },
    { end: { kind: 'unreachable', why: 'tcp/refused' }, code: 1, says: 'nothing answers there (tcp/refused)' },
    { end: { kind: 'controlDied', why: 'it had no answer' }, code: 1, says: 'The control connection' },
    { end: { kind: 'neverSilent' }, code: 1, says: 'the peer sends by itself' },
  ])('$end.kind is $code: $says', async ({ end, code, says }) => {
    const run = measuring(['a:1']);
    await run.begun;
    await settled();
    run.end(end);
    expect(await run.exit).toBe(code);
    expect(run.text()).toContain(says);
  });

  test('Ctrl-C says what is known by then, and closes everything', async () => {
    const run = measuring(['a:1']);
    await run.begun;
    await settled();
    run.asked().connected(REACHED);
    run.decide(result(315_000));
    run.runtime.send('SIGINT');
    expect(await run.exit).toBe(0);
    expect(run.text()).toContain('LIMIT  Above 315 s; stopped before more was known.');
    expect([run.stops(), run.runtime.clock.pending]).toEqual([1, 0]);
  });
});

describe('what is asked for', () => {
  const settingsOf = async (...flags: readonly string[]) => {
    const run = measuring(['a:1', ...flags]);
    await run.begun;
    await settled();
    expect(run.runtime.printedErrors).toEqual([]);
    run.end({ kind: 'unreachable', why: '' });
    await run.exit;
    return run.asked();
  };
  test('a peer, and the usual steps up to 16 minutes', async () => {
    const { settings, stepsMs, upToMs } = await settingsOf();
    expect(settings).toMatchObject({ peer: 'a:1', host: 'a', port: 1, tls: null, heartbeat: null, protocol: null });
    expect([stepsMs, upToMs]).toEqual([null, 960_000]);
  });
  test('other steps, each once and in order', async () => {
    expect((await settingsOf('--steps=350s,1500ms,350s,5m')).stepsMs).toEqual([1500, 300_000, 350_000]);
  });
  test('a heartbeat that asks', async () => {
    const { settings } = await settingsOf('--heartbeat.send=PING', '--heartbeat.expect=+', '--heartbeat.timeout=20s');
    expect(settings.heartbeat).toMatchObject({ timeoutMs: 20_000, protocol: { name: 'send_expect' } });
  });
  test('a login over TLS', async () => {
    const { settings } = await settingsOf(
      '--protocol=redis',
      '--username=u',
      `--password-file=${tlsFile('README.md')}`,
      '--tls',
    );
    expect(settings).toMatchObject({ protocol: { name: 'redis' }, tls: { serverName: null } });
  });
});

test.each([
  { args: [], says: /^finrst measure: .*HOST:PORT/ },
  { args: ['a:1', 'b:1'], says: /^finrst measure: / },
  { args: ['a'], says: /^finrst measure: .*port/ },
  {
    args: ['a:1', '--steps=1h,5'],
    says: /^finrst measure: --steps is "1h,5", expected at most 64 durations from 1s to 7h/,
  },
  { args: ['a:1', '--steps=500ms'], says: /^finrst measure: --steps is "500ms"/ },
  { args: ['a:1', '--up-to=8h'], says: /^finrst measure: --up-to is out of range; expected 1s to 7h$/ },
  {
    args: ['a:1', '--heartbeat.send=x'],
    says: /^finrst measure: --heartbeat.send is given without --heartbeat.expect/,
  },
  { args: ['a:1', '--username=x'], says: /^finrst measure: --username is given without --protocol/ },
])('$args is exit 2', async ({ args, says }) => {
  const { exit, runtime } = measuring(args);
  expect(await exit).toBe(2);
  expect(runtime.printedErrors[0]).toMatch(says);
});

test('where no probe can be sent it says so', async () => {
  const runtime = createFakeRuntime();
  expect(await runCommandLine(runtime, ['measure', 'a:1'])).toBe(1);
  expect(runtime.printedErrors).toEqual(['finrst measure: nothing is measured here']);
});
