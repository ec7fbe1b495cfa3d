import { expect, test } from 'vitest';
import { HostCounters } from '../../../src/daemon/host-counters.ts';
import type { FileContent } from '../../../src/files/file-content.ts';
import { createFakeClock, settled } from '../../support/fake-clock.ts';
import { readFile } from '../../support/read-file.ts';

const read = (text: string): FileContent => ({ kind: 'read', bytes: Buffer.from(text) });
const files = (drops: string): Readonly<Record<string, FileContent>> => ({
  '/proc/net/softnet_stat': read(`00000001 ${drops}\n`),
  '/proc/net/netstat': read('TcpExt: ListenDrops TCPAbortOnTimeout\nTcpExt: 1 2\n'),
  '/proc/net/snmp': read('Tcp: RetransSegs\nTcp: 3\n'),
});

test('they are read at the start and every 15 s, until the stop', async () => {
  const clock = createFakeClock();
  let drops = '0000000a';
  let reads = 0;
  const counters = new HostCounters(clock, async (path) => {
    reads += 1;
    return files(drops)[path] ?? { kind: 'unreadable', why: 'ENOENT' };
  });
  expect(counters.last).toEqual({ softnetDrops: null, tcp: null });
  await counters.start();
  const tcp = { abortsOnTimeout: 2, listenDrops: 1, retransmits: 3 };
  expect(counters.last).toEqual({ softnetDrops: 10, tcp });
  drops = '0000000b';
  clock.advance(14_999);
  await settled();
  expect(reads).toBe(3);
  clock.advance(1);
  await settled();
  expect([counters.last, reads]).toEqual([{ softnetDrops: 11, tcp }, 6]);
  counters.stop();
  expect(clock.pending).toBe(0);
});

test('a file that hangs is waited for and not asked again, and nothing begins after the stop', async () => {
  const clock = createFakeClock();
  const answer = Promise.withResolvers<FileContent>();
  let reads = 0;
  const counters = new HostCounters(clock, () => {
    reads += 1;
    return answer.promise;
  });
  const started = counters.start();
  clock.advance(60_000);
  expect(reads).toBe(3);
  counters.stop();
  answer.resolve({ kind: 'unreadable', why: 'NO_ANSWER' });
  await started;
  expect(counters.last).toEqual({ softnetDrops: null, tcp: null });
  expect(clock.pending).toBe(0);
});

test.runIf(process.platform === 'linux')('this host tells them', async () => {
  const counters = new HostCounters(createFakeClock(), readFile);
  await counters.start();
  counters.stop();
  expect(counters.last.softnetDrops).toBeGreaterThanOrEqual(0);
  expect(counters.last.tcp?.retransmits).toBeGreaterThanOrEqual(0);
});
