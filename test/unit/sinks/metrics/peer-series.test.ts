import { describe, expect, test } from 'vitest';
import type { FinrstEvent } from '../../../../src/domain/events/finrst-event.ts';
import type { PeerAdded } from '../../../../src/domain/events/peer-events.ts';
import type { Sampled } from '../../../../src/domain/events/sample-events.ts';
import {
  connectedEvent,
  connectFailedEvent,
  disconnectedEvent,
  localClosedEvent,
  silences,
} from '../../../support/sample-finrst-events.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { publishTo } from '../../../support/publish-to.ts';
import { linesOf, metricsAfter, rendered } from '../../../support/metrics-reader.ts';

const { peer, at } = connectedEvent;
const series = '{group="payments-redis",peer="redis-0.payments:6379"';
const facts = {
  labels: {},
  tls: false,
  expectsAnswer: false,
  canAnnounce: false,
  host: 'redis-0.payments',
  port: 6379,
};
const groupAdded: FinrstEvent = {
  type: 'groupAdded',
  at,
  group: peer.group,
  tls: false,
  expectsAnswer: false,
  canAnnounce: false,
};
const peerAdded: PeerAdded = { type: 'peerAdded', at, peer, facts };
const known = [groupAdded, peerAdded];
const sampled: Sampled = {
  type: 'sampled',
  at,
  peer,
  newRetransmits: 2,
  silences,
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
  test('has its counters and established timestamp at 0, and no gauge without a value: it is neither up nor down', async () => {
    const text = await rendered(metricsAfter(known));
    const lines = text.split('\n').filter((line) => line.includes(series));
    expect(lines).toEqual([
      `finrst_peer_down_seconds_total${series}} 0`,
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

  test.each([
    { phase: 'tls', where: 'TLS is configured', configured: { tls: true } },
    { phase: 'protocol', where: 'a heartbeat expects an answer', configured: { expectsAnswer: true } },
  ])('has the phase $phase where $where, also when a reload brings it', async ({ phase, configured }) => {
    const failures = `finrst_connect_failures_total${series},phase="${phase}"} 0`;
    const added: PeerAdded = { ...peerAdded, facts: { ...facts, ...configured } };
    expect(await linesOf(metricsAfter([groupAdded, added]), 'finrst_connect_failures_total')).toContain(failures);
    const later = metricsAfter([...known, { ...added, type: 'peerChanged' }]);
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
    lines: [
      `finrst_connect_failures_total${series},phase="tcp"} 1`,
      `finrst_peer_up${series}} 0`,
      `finrst_last_connect_failure_info${series},phase="tcp",reason="refused"} 1`,
    ],
  },
  {
    when: 'a certificate was seen though its verification failed',
    event: {
      ...connectFailedEvent,
      phase: 'tls',
      reason: 'certificate',
      certificate: { expiresAt: 1_900_000_000_500, readAt: at },
    },
    lines: [
      `finrst_tls_certificate_expiry_timestamp_seconds${series}} 1900000000.5`,
      `finrst_tls_handshake_timestamp_seconds${series}} ${at / 1000}`,
    ],
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
      `finrst_last_disconnect_info${series},class="error",reason="reset",goodbye=""} 1`,
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
      `finrst_last_disconnect_info${series},class="eof",reason="fin",goodbye=""} 1`,
    ]);
  });

  test('has what the peer said of it, until an end without a word', async () => {
    const said = { ...disconnectedEvent, goodbye: 'admin_shutdown', goodbyeCode: '57P01' } as const;
    const info = (events: readonly FinrstEvent[]) => linesOf(metricsAfter(events), 'finrst_last_disconnect_info');
    const saidSo = [...known, connectedEvent, said];
    expect(await info(saidSo)).toEqual([
      `finrst_last_disconnect_info${series},class="error",reason="reset",goodbye="admin_shutdown"} 1`,
    ]);
    expect(await info([...saidSo, connectedEvent, disconnectedEvent])).toEqual([
      `finrst_last_disconnect_info${series},class="error",reason="reset",goodbye=""} 1`,
    ]);
  });
});

describe('the ends of a peer by reason', () => {
  const fin = { ...disconnectedEvent, class: 'eof', reason: 'fin' } as const;
  const shownAfter = (...events: readonly FinrstEvent[]) =>
    linesOf(metricsAfter([...known, ...events]), 'finrst_peer_disconnects_by_reason_total');

  test('have a series only for what happened, and a local close is none', async () => {
    expect(await shownAfter(connectedEvent, localClosedEvent)).toEqual([]);
    expect(await shownAfter(disconnectedEvent, fin, disconnectedEvent)).toEqual([
      `finrst_peer_disconnects_by_reason_total${series},class="error",reason="reset"} 2`,
      `finrst_peer_disconnects_by_reason_total${series},class="eof",reason="fin"} 1`,
    ]);
  });

  test('are not those of a removed peer whose row the next one has', async () => {
    const next = { ...peer, id: 2, peer: 'redis-1:6379' };
    expect(
      await shownAfter(disconnectedEvent, { type: 'peerRemoved', at, peer }, { ...peerAdded, peer: next }),
    ).toEqual([]);
  });

  test('are as many as the ends of each class', async () => {
    const counts = new Map([
      [disconnectedEvent, 3],
      [fin, 2],
      [{ ...fin, reason: 'close_notify' } as const, 4],
    ]);
    const ends = [...counts].flatMap(([end, count]) => Array.from({ length: count }, () => end));
    const lines = await shownAfter(...ends);
    expect(lines.map((line) => Number(line.split(' ').at(-1)))).toEqual([3, 2, 4]);
  });
});

describe('the seconds without a connection', () => {
  const failedAfter = (downMs: number): FinrstEvent => ({ ...connectFailedEvent, downMs });
  const connectedAfter = (downMs?: number): FinrstEvent => ({
    ...connectedEvent,
    ...(downMs !== undefined && { downMs }),
  });
  type Moment = FinrstEvent | { readonly wait: number };
  const CASES: readonly { readonly when: string; readonly moments: readonly Moment[]; readonly seconds: number }[] = [
    { when: 'no attempt has had an outcome', moments: [{ wait: 5000 }], seconds: 0 },
    { when: 'the first attempts fail', moments: [failedAfter(0), { wait: 2500 }], seconds: 2.5 },
    {
      when: 'the first attempts failed',
      moments: [failedAfter(0), { wait: 2500 }, connectedAfter(2500), { wait: 9000 }],
      seconds: 2.5,
    },
    {
      when: 'a disconnect began an outage that runs',
      moments: [connectedAfter(), disconnectedEvent, { wait: 1000 }, failedAfter(1000), { wait: 500 }],
      seconds: 1.5,
    },
    {
      when: 'a failure puts the begin of the outage a little later than the disconnect did: nothing is taken back',
      moments: [connectedAfter(), disconnectedEvent, { wait: 1000 }, failedAfter(999.9)],
      seconds: 1,
    },
    {
      when: 'an outage is over and the next one runs',
      moments: [
        connectedAfter(),
        disconnectedEvent,
        { wait: 1000 },
        connectedAfter(1000),
        { wait: 7000 },
        disconnectedEvent,
        { wait: 200 },
      ],
      seconds: 1.2,
    },
    {
      when: 'our own close was followed by a connection at once',
      moments: [connectedAfter(), localClosedEvent, { wait: 300 }, connectedAfter(), { wait: 1000 }],
      seconds: 0,
    },
    {
      when: 'the attempt after our own close failed: the time since that close counts',
      moments: [connectedAfter(), localClosedEvent, { wait: 300 }, failedAfter(300), { wait: 700 }],
      seconds: 1,
    },
  ];

  test.each(CASES)('when $when', async ({ moments, seconds }) => {
    const clock = createFakeClock();
    const metrics = metricsAfter(known, { clock });
    const publish = publishTo(metrics.sink);
    for (const moment of moments) {
      if ('wait' in moment) clock.advance(moment.wait);
      else publish(moment);
    }
    expect(await linesOf(metrics, 'finrst_peer_down_seconds_total')).toEqual([
      `finrst_peer_down_seconds_total${series}} ${seconds}`,
    ]);
  });
});

describe('why a peer is down', () => {
  const shownAfter = (...events: readonly FinrstEvent[]) =>
    linesOf(metricsAfter([...known, ...events]), 'finrst_last_connect_failure_info');
  const silent = { ...connectFailedEvent, phase: 'protocol', reason: 'timeout' } as const;

  test('is the last failed attempt alone', async () => {
    expect(await shownAfter(connectFailedEvent, silent)).toEqual([
      `finrst_last_connect_failure_info${series},phase="protocol",reason="timeout"} 1`,
    ]);
  });

  test('goes when a connection is established, and a disconnect does not bring it back', async () => {
    expect(await shownAfter(connectFailedEvent, connectedEvent)).toEqual([]);
    expect(await shownAfter(connectFailedEvent, connectedEvent, disconnectedEvent)).toEqual([]);
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
    { type: 'certificateRead', at, peer, expiresAt: at },
  ]);
  expect(await rendered(metrics)).not.toContain('redis-0');
});

test('a certificate that is read anew replaces what the handshake showed, and when', async () => {
  const metrics = metricsAfter([
    ...known,
    { ...connectedEvent, certificate: { expiresAt: at + 1000, readAt: at } },
    { type: 'certificateRead', at: at + 500, peer, expiresAt: at + 9000 },
    { ...connectedEvent, at: at + 600 }, // one that shows none leaves what is known
  ]);
  expect(await linesOf(metrics, 'finrst_tls_certificate_expiry_timestamp_seconds')).toEqual([
    `finrst_tls_certificate_expiry_timestamp_seconds${series}} ${(at + 9000) / 1000}`,
  ]);
  expect(await linesOf(metrics, 'finrst_tls_handshake_timestamp_seconds')).toEqual([
    `finrst_tls_handshake_timestamp_seconds${series}} ${(at + 500) / 1000}`,
  ]);
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
