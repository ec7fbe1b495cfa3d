import { describe, expect, test } from 'vitest';
import type { FinrstEvent } from '../../../../src/domain/events/finrst-event.ts';
import type { PeerAdded } from '../../../../src/domain/events/peer-events.ts';
import type { Sampled } from '../../../../src/domain/events/sample-events.ts';
import {
  connectedEvent,
  connectFailedEvent,
  disconnectedEvent,
  localClosedEvent,
} from '../../../support/sample-finrst-events.ts';
import { linesOf, metricsAfter, rendered } from '../../../support/metrics-reader.ts';

const { peer, at } = connectedEvent;
const series = '{group="payments-redis",peer="redis-0.payments:6379"';
const facts = { labels: {}, tls: false, expectsAnswer: false, host: 'redis-0.payments', port: 6379 };
const groupAdded: FinrstEvent = { type: 'groupAdded', at, group: peer.group, tls: false };
const peerAdded: PeerAdded = { type: 'peerAdded', at, peer, facts };
const known = [groupAdded, peerAdded];
const sampled: Sampled = {
  type: 'sampled',
  at,
  peer,
  newRetransmits: 2,
  tcp: {
    state: 'established',
    rttMs: 1.5,
    minRttMs: 0.25,
    totalRetransmits: 2,
    pendingRetransmits: 0,
    pendingProbes: 0,
    outstandingBytes: 0,
    silenceMs: 0,
  },
};

describe('a peer that was added and never connected', () => {
  test('has its counters, up and established timestamp at 0, and no gauge without a value', async () => {
    const text = await rendered(metricsAfter(known));
    const lines = text.split('\n').filter((line) => line.includes(series));
    expect(lines).toEqual([
      `finrst_peer_up${series}} 0`,
      `finrst_disconnects_total${series},class="eof"} 0`,
      `finrst_disconnects_total${series},class="error"} 0`,
      `finrst_disconnects_total${series},class="idle_timeout"} 0`,
      `finrst_connections_total${series}} 0`,
      `finrst_connect_failures_total${series},phase="dns"} 0`,
      `finrst_connect_failures_total${series},phase="tcp"} 0`,
      `finrst_connection_established_timestamp_seconds${series}} 0`,
      `finrst_peer_info${series},address=""} 1`,
      `finrst_received_bytes_total${series}} 0`,
      `finrst_sent_bytes_total${series}} 0`,
      `finrst_tcp_retransmits_total${series}} 0`,
    ]);
  });

  test('has the phase tls where TLS is configured, also when a reload brings it', async () => {
    const tls = { ...facts, tls: true };
    const failures = `finrst_connect_failures_total${series},phase="tls"} 0`;
    expect(
      await linesOf(metricsAfter([groupAdded, { ...peerAdded, facts: tls }]), 'finrst_connect_failures_total'),
    ).toContain(failures);
    const later = metricsAfter([...known, { type: 'peerChanged', at, peer, facts: tls }]);
    expect(await linesOf(later, 'finrst_connect_failures_total')).toContain(failures);
  });
});

const ONE_EVENT: readonly {
  readonly when: string;
  readonly event: FinrstEvent;
  readonly lines: readonly string[];
}[] = [
  {
    when: 'a connect fails',
    event: connectFailedEvent,
    lines: [`finrst_connect_failures_total${series},phase="tcp"} 1`, `finrst_peer_up${series}} 0`],
  },
  {
    when: 'a certificate was seen though its verification failed',
    event: { ...connectFailedEvent, phase: 'tls', reason: 'certificate', certificateExpiresAt: 1_900_000_000_500 },
    lines: [`finrst_tls_certificate_expiry_timestamp_seconds${series}} 1900000000.5`],
  },
  {
    when: 'a connection is established',
    event: connectedEvent,
    lines: [
      `finrst_peer_up${series}} 1`,
      `finrst_connections_total${series}} 1`,
      `finrst_connection_established_timestamp_seconds${series}} ${at / 1000}`,
      `finrst_peer_info${series},address="192.0.2.7"} 1`,
    ],
  },
  {
    when: 'bytes flow',
    event: { type: 'traffic', at, peer, receivedBytes: 70, sentBytes: 14, lastReceivedAt: at - 500 },
    lines: [
      `finrst_received_bytes_total${series}} 70`,
      `finrst_sent_bytes_total${series}} 14`,
      `finrst_last_received_timestamp_seconds${series}} ${(at - 500) / 1000}`,
    ],
  },
];

test.each(ONE_EVENT)('when $when', async ({ event, lines }) => {
  const text = (await rendered(metricsAfter([...known, event]))).split('\n');
  for (const line of lines) expect(text).toContain(line);
});

describe('while a connection is established', () => {
  const up = [...known, connectedEvent, sampled, { type: 'heartbeatAnswered', at, peer, rttMs: 0.5 } as const];
  const roundTrips = ['finrst_tcp_rtt_seconds', 'finrst_tcp_min_rtt_seconds', 'finrst_heartbeat_rtt_seconds'];

  test('round trips are shown in seconds', async () => {
    const metrics = metricsAfter(up);
    const lines = await Promise.all(roundTrips.map((name) => linesOf(metrics, name)));
    expect(lines.flat()).toEqual([
      `finrst_tcp_rtt_seconds${series}} 0.0015`,
      `finrst_tcp_min_rtt_seconds${series}} 0.00025`,
      `finrst_heartbeat_rtt_seconds${series}} 0.0005`,
    ]);
  });

  test.each([disconnectedEvent, localClosedEvent])('a $type takes them away', async (end) => {
    const metrics = metricsAfter([...up, end]);
    for (const name of roundTrips) expect(await linesOf(metrics, name)).toEqual([]);
    expect(await linesOf(metrics, 'finrst_peer_up')).toEqual([`finrst_peer_up${series}} 0`]);
  });

  test('a late sample of a connection that ended brings none back', async () => {
    const metrics = metricsAfter([...up, disconnectedEvent, sampled]);
    for (const name of roundTrips) expect(await linesOf(metrics, name)).toEqual([]);
  });

  test('a reload that asks for no answer any more takes the heartbeat round trip away', async () => {
    const metrics = metricsAfter([...up, { type: 'peerChanged', at, peer, facts }]);
    expect(await linesOf(metrics, 'finrst_heartbeat_rtt_seconds')).toEqual([]);
    expect(await linesOf(metrics, 'finrst_tcp_rtt_seconds')).toHaveLength(1);
  });
});

test('retransmits are those of the samples, of one connection after the other', async () => {
  const tcp = { ...sampled.tcp, totalRetransmits: sampled.newRetransmits };
  const end = { ...disconnectedEvent, tcp };
  const metrics = metricsAfter([...known, connectedEvent, sampled, end, connectedEvent, sampled, sampled, end]);
  expect(await linesOf(metrics, 'finrst_tcp_retransmits_total')).toEqual([
    `finrst_tcp_retransmits_total${series}} ${3 * sampled.newRetransmits}`,
  ]);
});

describe('the last disconnect', () => {
  test('has its class, reason and time, and a local close does not replace it', async () => {
    const metrics = metricsAfter([...known, connectedEvent, disconnectedEvent, connectedEvent, localClosedEvent]);
    expect(await linesOf(metrics, 'finrst_last_disconnect_info')).toEqual([
      `finrst_last_disconnect_info${series},class="error",reason="reset"} 1`,
    ]);
    expect(await linesOf(metrics, 'finrst_last_disconnect_timestamp_seconds')).toEqual([
      `finrst_last_disconnect_timestamp_seconds${series}} ${disconnectedEvent.at / 1000}`,
    ]);
    expect(await linesOf(metrics, 'finrst_disconnects_total')).toContain(
      `finrst_disconnects_total${series},class="error"} 1`,
    );
  });

  test('is replaced by the next one: the series of the old reason goes', async () => {
    const fin = { ...disconnectedEvent, class: 'eof', reason: 'fin' } as const;
    const metrics = metricsAfter([...known, connectedEvent, disconnectedEvent, connectedEvent, fin]);
    expect(await linesOf(metrics, 'finrst_last_disconnect_info')).toEqual([
      `finrst_last_disconnect_info${series},class="eof",reason="fin"} 1`,
    ]);
  });
});

test('a reload keeps the counters of a peer and follows its labels', async () => {
  const relabelled = { ...facts, labels: { team: 'a "b"\\\n' } };
  const metrics = metricsAfter([...known, connectedEvent, { type: 'peerChanged', at, peer, facts: relabelled }]);
  expect(await linesOf(metrics, 'finrst_connections_total')).toEqual([`finrst_connections_total${series}} 1`]);
  expect(await linesOf(metrics, 'finrst_peer_info')).toEqual([
    `finrst_peer_info${series},address="192.0.2.7",team="a \\"b\\"\\\\\\n"} 1`,
  ]);
});

test('the series of a removed peer go, and what comes late for it brings none back', async () => {
  const metrics = metricsAfter([
    ...known,
    connectedEvent,
    { type: 'peerRemoved', at, peer },
    connectedEvent,
    connectFailedEvent,
    sampled,
    disconnectedEvent,
    { type: 'peerChanged', at, peer, facts },
    { type: 'traffic', at, peer, receivedBytes: 1, sentBytes: 1 },
    { type: 'heartbeatAnswered', at, peer, rttMs: 1 },
  ]);
  expect(await rendered(metrics)).not.toContain('redis-0');
});

test('a peer in the row of a removed one begins at 0', async () => {
  const next = { ...peer, id: 2, peer: 'redis-1:6379', host: 'redis-1' };
  const metrics = metricsAfter([
    ...known,
    connectedEvent,
    sampled,
    disconnectedEvent,
    { type: 'peerRemoved', at, peer },
    { ...peerAdded, peer: next },
  ]);
  const lines = (await rendered(metrics)).split('\n').filter((line) => line.includes('peer="redis-1:6379"'));
  expect(lines.filter((line) => !line.startsWith('finrst_peer_info')).every((line) => line.endsWith(' 0'))).toBe(true);
  expect(lines).toHaveLength(12);
});

test('a thousand peers keep their values when the table grows', async () => {
  const peers = Array.from({ length: 1000 }, (_, id) => ({ ...peer, id, peer: `host-${id}:1` }));
  const events = peers.flatMap((one) => [
    { ...peerAdded, peer: one },
    { type: 'traffic', at, peer: one, receivedBytes: one.id + 1, sentBytes: 0 } as const,
  ]);
  const lines = await linesOf(metricsAfter([groupAdded, ...events]), 'finrst_received_bytes_total');
  expect(lines).toEqual(
    peers.map((one) => `finrst_received_bytes_total{group="payments-redis",peer="${one.peer}"} ${one.id + 1}`),
  );
});
