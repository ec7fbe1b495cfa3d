import { describe, expect, test } from 'vitest';
import type { FinrstEvent } from '../../../../src/domain/events/finrst-event.ts';
import type { PeerRef } from '../../../../src/domain/peer-ref.ts';
import { put } from '../../../../src/sinks/metrics/column-values.ts';
import { KeptLines } from '../../../../src/sinks/metrics/kept-lines.ts';
import { PeerTable } from '../../../../src/sinks/metrics/peer-table.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { metricsAfter, rendered } from '../../../support/metrics-reader.ts';
import { publishTo } from '../../../support/publish-to.ts';
import {
  connectedEvent,
  connectFailedEvent,
  disconnectedEvent,
  explainedEvent,
  localClosedEvent,
  silences,
} from '../../../support/sample-finrst-events.ts';
import { seededRandom } from '../../../support/seeded-random.ts';

/** Three blocks of rows, the last of them not full. */
const PEERS = 150;
const STEPS = 1000;
const { at } = connectedEvent;

/** Everything that can change a series of a peer, with a number that is another one each time. */
function changesOf(peer: PeerRef, n: number): readonly FinrstEvent[] {
  const facts = {
    labels: { team: `équipe-${n}` },
    tls: n % 2 === 0,
    expectsAnswer: n % 3 === 0,
    canAnnounce: n % 5 === 0,
    host: peer.host,
    port: 1,
  };
  const tcp = {
    state: 'established',
    rttMs: n,
    minRttMs: n / 2,
    totalRetransmits: n,
    pendingRetransmits: 0,
    pendingProbes: 0,
    outstandingBytes: 0,
    silenceMs: 0,
  } as const;
  const certificate = { expiresAt: at + n, readAt: at + n };
  const end = { ...disconnectedEvent, peer, at: at + n };
  return [
    { type: 'peerAdded', at, peer, facts },
    { type: 'peerRemoved', at, peer },
    { type: 'peerChanged', at, peer, facts },
    { type: 'peerChanged', at, peer: { ...peer, labels: { zone: `zone-${n}` } }, facts },
    { type: 'announcementChanged', at, peer, announced: n % 2 === 0 ? null : 'terminating', isNew: true, downMs: n },
    { type: 'peerHandedOver', at, peer, downMs: n },
    { ...connectedEvent, peer, at: at + n },
    { ...connectedEvent, peer, at: at + n, downMs: n, remote: { address: `192.0.2.${n % 250}`, port: 1 }, certificate },
    { ...connectFailedEvent, peer },
    { ...connectFailedEvent, peer, phase: 'tls', reason: 'certificate', certificate },
    end,
    { ...end, class: 'eof', reason: 'fin', goodbye: 'going_away' },
    { ...end, class: 'eof', reason: 'fin', goodbye: 'lame_duck' },
    { ...end, class: 'idle_timeout', reason: 'no_data', announced: 'terminating' },
    { ...explainedEvent, peer },
    { ...localClosedEvent, peer },
    { ...localClosedEvent, peer, reason: 'resharded' },
    { type: 'traffic', at, peer, receivedBytes: n, sentBytes: 2 * n, lastReceivedAt: at + n },
    { type: 'sampled', at, peer, tcp, newRetransmits: 1, silences },
    { type: 'heartbeatAnswered', at, peer, rttMs: n },
    { type: 'certificateRead', at: at + n, peer, expiresAt: at + n },
    { type: 'silenceMeasured', at, peer, survivedMs: n, fatalMs: 2 * n },
  ];
}

const numbered = (id: number): PeerRef => {
  return { id, group: 'g', peer: `p-${id}:1`, host: `p-${id}`, port: 1, isLiteral: false, labels: {} };
};
const first = numbered(0);
const KINDS = changesOf(first, 1).map((_, kind) => kind);

/** Two sinks that hear the same; only one of them is scraped in between. */
function sinksOf(peers: readonly PeerRef[]) {
  const clock = createFakeClock();
  const [scraped, fresh] = [metricsAfter([], { clock }), metricsAfter([], { clock })];
  const publish = publishTo(scraped.sink, fresh.sink);
  publish({ type: 'groupAdded', at, group: 'g', tls: true, expectsAnswer: true, canAnnounce: true });
  for (const peer of peers) for (const event of changesOf(peer, 1).slice(0, 1)) publish(event);
  const peerLines = async (metrics: typeof scraped): Promise<readonly string[]> =>
    (await rendered(metrics)).split('\n').filter((line) => line.includes(',peer="'));
  return {
    clock,
    publish: (event: FinrstEvent | undefined) => event !== undefined && publish(event),
    scrape: () => peerLines(scraped),
    scrapeBoth: async () => ({ scraped: await peerLines(scraped), fresh: await peerLines(fresh) }),
  };
}

test('a block is kept from the first reader on, and once it has changed when it was the same twice: one that changes with each scrape leaves no buffer', () => {
  const table = new PeerTable();
  const column = table.column(0);
  const row = table.add(first);
  let made = 0;
  const kept = new KeptLines(table, { line: () => `${++made}`, columns: [column] });
  const read = () => Array.from(kept.slices());
  expect(read()).toEqual([Buffer.from('1')]);
  expect(read()).toEqual([Buffer.from('1')]);
  put(column, row, 1);
  expect(read()).toEqual(['2']);
  expect(read()).toEqual([Buffer.from('3')]);
  expect(read()).toEqual([Buffer.from('3')]);
  put(column, row, 2);
  expect(read()).toEqual(['4']);
});

test('what moves with time is made for each reader, until it does not', () => {
  const table = new PeerTable();
  const column = table.column(0);
  const row = table.add(first);
  let made = 0;
  let isMoving = true;
  const kept = new KeptLines(table, { line: () => `${++made}`, columns: [column], isMoving: () => isMoving });
  const read = () => Array.from(kept.slices());
  expect([...read(), ...read(), ...read()]).toEqual(['1', '2', '3']);
  isMoving = false;
  put(column, row, 1);
  expect([...read(), ...read(), ...read()]).toEqual(['4', Buffer.from('5'), Buffer.from('5')]);
});

describe('a scrape shows what it would show if none had gone before', () => {
  test.each(KINDS)('after a scrape and any two changes of a peer, the first of kind %i', async (one) => {
    for (const other of KINDS) {
      const { clock, publish, scrape, scrapeBoth } = sinksOf([first]);
      publish(changesOf(first, 2)[one]);
      for (let times = 0; times < 3; times++) await scrape();
      clock.advance(7);
      publish(changesOf(first, 3)[other]);
      const { scraped, fresh } = await scrapeBoth();
      expect(scraped).toEqual(fresh);
    }
  });

  test('whatever happens to many peers', async () => {
    const random = seededRandom(1);
    const peers = Array.from({ length: PEERS }, (_, id) => numbered(id));
    const { clock, publish, scrape, scrapeBoth } = sinksOf(peers);
    for (let step = 1; step <= STEPS; step++) {
      const changes = changesOf(peers[Math.floor(random() * PEERS)] ?? first, step);
      publish(changes[Math.floor(random() * changes.length)]);
      clock.advance(1);
      // Kept is what was the same twice.
      if (random() < 0.2) for (let times = 0; times < 2; times++) await scrape();
    }
    const { scraped, fresh } = await scrapeBoth();
    expect(scraped.length).toBeGreaterThan(PEERS * 10);
    expect(scraped).toEqual(fresh);
  });
});
