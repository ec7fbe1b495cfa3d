import { expect, test } from 'vitest';
import { type SilenceFinding } from '../../../src/domain/silence/find-silence-limit.ts';
import {
  type AskedBy,
  silenceParagraphs,
  type SilenceReport,
  silenceSentence,
} from '../../../src/explanations/silence-words.ts';

const KEEPALIVE: AskedBy = { kind: 'keepalive' };
const REDIS: AskedBy = { kind: 'application', by: 'a heartbeat of redis' };
const CLOSED: SilenceFinding = {
  kind: 'limit',
  survivedMs: 57_000,
  fatalMs: 63_000,
  how: 'fin',
  endedAfterMs: 60_012,
  deaths: 12,
};
const SILENT: SilenceFinding = { ...CLOSED, survivedMs: 335_000, fatalMs: 365_000, how: 'silent', endedAfterMs: null };

const report = (finding: SilenceFinding, askedBy: AskedBy): SilenceReport => ({
  end: { kind: 'found', finding },
  askedBy,
  rows: [],
  peer: 'a:1',
  address: '192.0.2.1',
  local: '192.0.2.2',
  startedAt: Date.UTC(2026, 10, 26, 14, 32),
  wallOffsetMs: 0,
});
const textOf = (head: string, finding: SilenceFinding, askedBy: AskedBy) =>
  silenceParagraphs(report(finding, askedBy)).find((paragraph) => paragraph.head === head)?.text;

test('a FIN at a limit of servers for clients that have not logged in is called theirs, where nobody has', () => {
  expect(textOf('LIMIT', CLOSED, KEEPALIVE)).toBe(
    'At 60 s of silence the peer, or a box on the path, closes in order.',
  );
  expect(textOf('WHOSE', CLOSED, KEEPALIVE)).toMatch(
    /60 s is the limit of PostgreSQL before login.*may be the server's own limit/,
  );
  expect(textOf('WHOSE', CLOSED, REDIS)).not.toContain("server's own");
});

test('against who closes in order a heartbeat is advised, where only probes asked; else keepalive', () => {
  expect(textOf('SET', CLOSED, KEEPALIVE)).toMatch(/^heartbeat: \{interval: 28s\}/);
  expect(textOf('SET', SILENT, KEEPALIVE)).toMatch(/^keepalive: \{idle: 167s\}/);
});

test('what was proved is said, and how it is forgotten', () => {
  expect(textOf('ASKED', SILENT, REDIS)).toBe('Asked the application (a heartbeat of redis).');
  expect(textOf('HOW', SILENT, KEEPALIVE)).toContain('3 probes in 3 s were not answered (12 of 12)');
  expect(textOf('HOW', SILENT, REDIS)).toContain('what was sent had no answer (12 of 12)');
  expect(textOf('WHOSE', { ...SILENT, survivedMs: 336_000, fatalMs: 340_000 }, KEEPALIVE)).toContain('No known limit');
});

test('the sentence has path, time, evidence and advice, and there is none without a finding', () => {
  expect(silenceSentence(report(SILENT, REDIS))).toBe(
    'The path from 192.0.2.2 to a:1 (192.0.2.1) forgets TCP connections after 335 s to 365 s of silence and drops the next packets (2026-11-26 14:32 UTC; 0 shorter silences survived, 0 longer ones did not; asked the application, a heartbeat of redis); known limits: AWS NLB, NAT gateway: 350 s, so something has to be sent at least every 167 s.',
  );
  expect(silenceSentence(report({ kind: 'none', survivedMs: 960_000 }, KEEPALIVE))).toMatch(
    /kept silent TCP connections for 960 s/,
  );
  expect(silenceSentence(report({ kind: 'contradicted', survivedMs: 2, diedMs: 1 }, KEEPALIVE))).toBeNull();
  expect(silenceSentence({ ...report(SILENT, KEEPALIVE), address: null })).toBeNull();
});
