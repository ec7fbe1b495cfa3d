import { expect, test } from 'vitest';
import { FIN, noReply, RST } from '../soak/fault.ts';
import type { Attempt } from '../soak/injector.ts';
import { LoopStalls } from '../soak/loop-stalls.ts';
import { Reloads } from '../soak/reload.ts';
import { runSoak } from '../soak/run-soak.ts';
import { type SoakPeer, soakPeers } from '../soak/soak-groups.ts';
import { type JournalLine, Verifier } from '../soak/verifier.ts';

test('what peers do at random under reloads and scrapes is counted once each, under its word', async () => {
  const options = { ends: 1000, peers: 150, seed: 1, looks: 2, restMs: 500, progress: () => {} };
  const { faults, tally, log } = await runSoak(options);
  expect(faults).toEqual([]);
  expect(tally.ends).toBeGreaterThanOrEqual(1000);
  expect(log).toBe('');
});

const PORT = 9000;
const NOW = Date.parse('2026-01-01T00:00:10Z');
const peer = soakPeers(1).find(({ group }) => group.name === 'answered') as SoakPeer;

function verifier(reloads = new Reloads()): Verifier {
  const stalls = new LoopStalls();
  stalls.stop();
  return new Verifier({ peers: [peer], port: PORT, reloads, stalls });
}

function attempt(more: Partial<Attempt> = {}): Attempt {
  const socket = { destroy: () => {} } as unknown as Attempt['victim']['socket'];
  const victim: Attempt['victim'] = { socket, secured: null, speech: 'right' };
  return { peer, localPort: 40_000, acceptedAt: NOW - 600, victim, injected: null, closedAt: null, ...more };
}

function line(type: JournalLine['type'], afterMs: number, more: Partial<JournalLine> = {}): JournalLine {
  const time = new Date(NOW + afterMs).toISOString();
  const target = `${peer.address}:${PORT}`;
  return { time, type, group: 'answered', peer: target, connection_id: 'a', local: '127.0.0.1:40000', ...more };
}

const connected = line('connected', -500);
const eof = { class: 'eof', reason: 'fin' };
const finAt = (at: number) => ({ fault: FIN, at });

test('an end under its word, after its cause, is right', () => {
  const judge = verifier();
  judge.accepted(attempt({ injected: finAt(NOW) }));
  judge.check(connected);
  judge.check(line('disconnected', 3, eof));
  judge.finish();
  expect(judge.tally.faults).toEqual([]);
  expect([...judge.tally.rightly.values()]).toEqual([1]);
});

test.each([
  { when: 'the word is another', injected: { fault: RST, at: NOW }, lines: [connected, line('disconnected', 3, eof)] },
  { when: 'nothing was done', injected: null, lines: [connected, line('disconnected', 3, eof)] },
  { when: 'it comes before its cause', injected: finAt(NOW + 50), lines: [connected, line('disconnected', 3, eof)] },
  { when: 'it has no end', injected: finAt(NOW), lines: [connected] },
  { when: 'it has no line', injected: finAt(NOW), lines: [] },
  {
    when: 'it ends twice',
    injected: finAt(NOW),
    lines: [connected, line('disconnected', 3, eof), line('disconnected', 4, eof)],
  },
  {
    when: 'we closed it without a reason',
    injected: null,
    lines: [connected, line('local_closed', 3, { reason: 'reconfigured' })],
  },
  {
    when: 'another connection ends',
    injected: finAt(NOW),
    lines: [connected, line('disconnected', 3, { ...eof, connection_id: 'b' })],
  },
  {
    when: 'it fails instead of ending',
    injected: finAt(NOW),
    lines: [line('connect_failed', 3, { phase: 'protocol', reason: 'eof' })],
  },
  {
    when: 'a connection comes from a port that reached nobody',
    injected: finAt(NOW),
    lines: [{ ...connected, local: '127.0.0.1:40001' }],
  },
])('it is a miscount when $when', ({ injected, lines }) => {
  const judge = verifier();
  judge.accepted(attempt({ injected }));
  for (const each of lines) judge.check(each);
  judge.finish();
  expect(judge.tally.miscounted).toBeGreaterThan(0);
});

/** One that closed all connections, answered after a tenth of a second. */
function reloadAt(at: number): Reloads {
  const reloads = new Reloads();
  reloads.add({ name: 'test', requestedAt: at, doneAt: at + 100, closes: 'reconfigured', touches: () => true });
  return reloads;
}

test.each([
  { when: 'the fault came right before the reload', at: NOW, pairs: 1, faults: 0 },
  { when: 'the fault was long over', at: NOW - 5000, pairs: 0, faults: 1 },
])('a close of our own where $when: $pairs pairs, $faults miscounts', ({ at, pairs, faults }) => {
  const judge = verifier(reloadAt(NOW + 10));
  judge.accepted(attempt({ injected: finAt(at) }));
  judge.check(connected);
  judge.check(line('local_closed', 20, { reason: 'reconfigured' }));
  judge.finish();
  expect([judge.tally.pairs.length, judge.tally.miscounted]).toEqual([pairs, faults]);
});

test('a silent peer that a reload closes before the deadline is a close of our own, no pair', () => {
  const judge = verifier(reloadAt(NOW + 10));
  judge.accepted(attempt({ injected: { fault: noReply(5000), at: NOW } }));
  judge.check(connected);
  judge.check(line('local_closed', 20, { reason: 'reconfigured' }));
  expect([judge.tally.pairs.length, judge.tally.miscounted]).toEqual([0, 0]);
});

test('an attempt without a line is right only where a reload gave it up', () => {
  for (const [reloads, miscounted] of [[reloadAt(NOW), 0] as const, [new Reloads(), 1] as const]) {
    const judge = verifier(reloads);
    judge.accepted(attempt({ localPort: 40_001, closedAt: NOW }));
    judge.accepted(attempt());
    judge.check(connected);
    expect(judge.tally.miscounted).toBe(miscounted);
  }
});
