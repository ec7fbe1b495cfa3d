import { describe, expect, test } from 'vitest';
import { CONNECT_FAILURE_REASONS } from '../../../../src/domain/connect-failure.ts';
import type { ConnectionStateName } from '../../../../src/domain/connection-state.ts';
import { DISCONNECT_CLASSES, DISCONNECT_REASONS, LOCAL_CLOSE_REASONS } from '../../../../src/domain/disconnect.ts';
import type { FinrstEvent } from '../../../../src/domain/events/finrst-event.ts';
import { parseOpenMetrics } from '../../../support/exposition-parser.ts';
import {
  connectedEvent,
  connectFailedEvent,
  disconnectedEvent,
  localClosedEvent,
} from '../../../support/sample-finrst-events.ts';
import { linesOf, metricsAfter, rendered } from '../../../support/metrics-reader.ts';

const { peer, at } = connectedEvent;
const { group } = peer;
const groupAdded = { type: 'groupAdded', at, group, tls: false, expectsAnswer: false, canAnnounce: false } as const;
const trace = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', recorded: true } as const;

describe('a group that was added', () => {
  test('has every class and reason of a disconnect at 0', async () => {
    const lines = await linesOf(metricsAfter([groupAdded]), 'finrst_disconnects_by_reason_total');
    expect(lines).toEqual(
      DISCONNECT_CLASSES.flatMap((endClass) =>
        DISCONNECT_REASONS[endClass].map(
          (reason) => `finrst_disconnects_by_reason_total{group="${group}",class="${endClass}",reason="${reason}"} 0`,
        ),
      ),
    );
  });

  test('has every reason of a local close at 0', async () => {
    const lines = await linesOf(metricsAfter([groupAdded]), 'finrst_local_closes_total');
    expect(lines).toEqual(
      LOCAL_CLOSE_REASONS.map((reason) => `finrst_local_closes_total{group="${group}",reason="${reason}"} 0`),
    );
  });

  test.each([
    { tls: false, expectsAnswer: false, phases: ['dns', 'tcp'] as const },
    { tls: true, expectsAnswer: false, phases: ['tls', 'dns', 'tcp'] as const },
    { tls: false, expectsAnswer: true, phases: ['dns', 'tcp', 'protocol'] as const },
  ])('with TLS $tls and an awaited answer $expectsAnswer has the connect failures of $phases at 0', async (of) => {
    const { phases, ...facts } = of;
    const lines = await linesOf(metricsAfter([{ ...groupAdded, ...facts }]), 'finrst_connect_failures_by_reason_total');
    const expected = phases.flatMap((phase) =>
      CONNECT_FAILURE_REASONS[phase].map(
        (reason) => `finrst_connect_failures_by_reason_total{group="${group}",phase="${phase}",reason="${reason}"} 0`,
      ),
    );
    expect([...lines].sort()).toEqual(expected.sort());
  });

  test('has its histograms and its peers by state at 0', async () => {
    const metrics = metricsAfter([groupAdded]);
    const counts = async (name: string) =>
      (await linesOf(metrics, name)).filter((line) => line.startsWith(`${name}_count`));
    expect(await counts('finrst_connection_duration_seconds')).toEqual(
      ['eof', 'error', 'idle_timeout', 'local'].map(
        (end) => `finrst_connection_duration_seconds_count{group="${group}",class="${end}"} 0`,
      ),
    );
    expect(await counts('finrst_idle_at_disconnect_seconds')).toHaveLength(3);
    expect(await counts('finrst_connect_duration_seconds')).toEqual(
      ['dns', 'tcp', 'total'].map(
        (phase) => `finrst_connect_duration_seconds_count{group="${group}",phase="${phase}"} 0`,
      ),
    );
    expect(await counts('finrst_downtime_seconds')).toEqual([`finrst_downtime_seconds_count{group="${group}"} 0`]);
    expect(await linesOf(metrics, 'finrst_peers')).toHaveLength(7);
  });

  test('has the goodbyes that its protocol can say at 0, and counts refusals and ends apart', async () => {
    const goodbyes = { connect: ['auth_failed', 'other'], held: ['admin_shutdown'] } as const;
    const known = { ...groupAdded, expectsAnswer: true, goodbyes } as const;
    const counted = (events: readonly FinrstEvent[]) => linesOf(metricsAfter(events), 'finrst_goodbyes_total');
    const line = (when: string, goodbye: string, value: number) =>
      `finrst_goodbyes_total{group="${group}",when="${when}",goodbye="${goodbye}"} ${value}`;
    expect(await counted([known])).toEqual([
      line('connect', 'auth_failed', 0),
      line('connect', 'other', 0),
      line('held', 'admin_shutdown', 0),
    ]);
    const refused = { ...connectFailedEvent, phase: 'protocol', reason: 'rejected', goodbye: 'auth_failed' } as const;
    const ended = { ...disconnectedEvent, goodbye: 'admin_shutdown', goodbyeCode: '57P01' } as const;
    expect(await counted([known, refused, ended, ended, disconnectedEvent])).toEqual([
      line('connect', 'auth_failed', 1),
      line('connect', 'other', 0),
      line('held', 'admin_shutdown', 2),
    ]);
    expect(await counted([groupAdded])).toEqual([]);
  });

  test('keeps its counters when a reload brings an awaited answer', async () => {
    const metrics = metricsAfter([groupAdded, disconnectedEvent, { ...groupAdded, expectsAnswer: true }]);
    expect(await rendered(metrics)).toContain('class="error",reason="reset"} 1');
    expect(await rendered(metrics)).toContain('phase="protocol",reason="rejected"} 0');
  });

  test('keeps its counters when a reload brings TLS', async () => {
    const metrics = metricsAfter([groupAdded, disconnectedEvent, { ...groupAdded, tls: true }]);
    expect(await rendered(metrics)).toContain('class="error",reason="reset"} 1');
    expect(await rendered(metrics)).toContain('phase="tls",reason="certificate"} 0');
  });

  test('takes all its series with it, and what comes late brings none back', async () => {
    const gone: FinrstEvent = { type: 'groupRemoved', at, group };
    const late = [connectedEvent, connectFailedEvent, disconnectedEvent, localClosedEvent];
    expect(await rendered(metricsAfter([groupAdded, disconnectedEvent, gone, ...late]))).not.toContain(group);
  });

  test('begins again at 0 when it comes back', async () => {
    const metrics = metricsAfter([groupAdded, disconnectedEvent, { type: 'groupRemoved', at, group }, groupAdded]);
    expect(await linesOf(metrics, 'finrst_disconnects_by_reason_total')).toEqual(
      await linesOf(metricsAfter([groupAdded]), 'finrst_disconnects_by_reason_total'),
    );
  });
});

test('a disconnect counts its reason, its age and its idle time', async () => {
  const text = await rendered(metricsAfter([groupAdded, disconnectedEvent]));
  const of = `{group="${group}",class="error"`;
  expect(text).toContain(`finrst_disconnects_by_reason_total${of},reason="reset"} 1\n`);
  expect(text).toContain(`finrst_connection_duration_seconds_bucket${of},le="57"} 0\n`);
  expect(text).toContain(`finrst_connection_duration_seconds_bucket${of},le="63"} 1\n`);
  expect(text).toContain(`finrst_connection_duration_seconds_sum${of}} 60.00025\n`);
  expect(text).toContain(`finrst_idle_at_disconnect_seconds_sum${of}} 1.5\n`);
});

test('a local close counts its reason and its age as class local, and no idle time', async () => {
  const text = await rendered(metricsAfter([groupAdded, localClosedEvent]));
  expect(text).toContain(`finrst_local_closes_total{group="${group}",reason="max_age"} 1\n`);
  expect(text).toContain(`finrst_connection_duration_seconds_count{group="${group}",class="local"} 1\n`);
  expect(text).not.toMatch(/finrst_idle_at_disconnect_seconds_count\{.*\} [1-9]/);
  expect(text).not.toMatch(/finrst_disconnects_by_reason_total\{.*\} [1-9]/);
});

test('a connect tells how long each phase took, and how long the peer was down', async () => {
  const tls = { ...groupAdded, tls: true };
  const text = await rendered(metricsAfter([tls, { ...connectedEvent, downtimeMs: 90_000 }]));
  for (const [phase, seconds] of Object.entries({ dns: 0.002, tcp: 0.004, tls: 0.0055, total: 0.012 })) {
    expect(text).toContain(`finrst_connect_duration_seconds_sum{group="${group}",phase="${phase}"} ${seconds}\n`);
  }
  expect(text).toContain(`finrst_downtime_seconds_sum{group="${group}"} 90\n`);
});

test('a failed connect counts its phase and reason, and no duration', async () => {
  const text = await rendered(metricsAfter([groupAdded, connectFailedEvent]));
  expect(text).toContain(`finrst_connect_failures_by_reason_total{group="${group}",phase="tcp",reason="refused"} 1\n`);
  expect(text).toContain(`finrst_connect_duration_seconds_count{group="${group}",phase="total"} 0\n`);
});

describe('peers by state', () => {
  const entered = (state: ConnectionStateName, id = 1): FinrstEvent => ({
    type: 'stateEntered',
    at,
    peer: { ...peer, id },
    from: null,
    state,
  });
  const SHOWN: Record<ConnectionStateName, string | null> = {
    backoff: 'backoff',
    resolving: 'resolving',
    connecting: 'connecting',
    handshaking: 'handshaking',
    established: 'established',
    closing: 'closing',
    retired: 'retired',
    stopped: null,
  };
  const counted = async (events: readonly FinrstEvent[]) => {
    const lines = await linesOf(metricsAfter([groupAdded, ...events]), 'finrst_peers');
    return Object.fromEntries(lines.map((line) => [/state="(\w+)"/.exec(line)?.[1], Number(line.split(' ').at(-1))]));
  };
  const none = { resolving: 0, connecting: 0, handshaking: 0, established: 0, closing: 0, backoff: 0, retired: 0 };

  test.each(Object.entries(SHOWN))('%s counts as %s, once', async (state, shown) => {
    const events = [
      entered('connecting'),
      entered(state as ConnectionStateName),
      entered(state as ConnectionStateName),
    ];
    expect(await counted(events)).toEqual(shown === null ? none : { ...none, [shown]: 1 });
  });

  test('two peers are two', async () => {
    expect(await counted([entered('established'), entered('backoff', 2), entered('established', 2)])).toEqual({
      ...none,
      established: 2,
    });
  });

  test('a removed peer counts nowhere', async () => {
    expect(await counted([entered('established'), { type: 'peerRemoved', at, peer }])).toEqual(none);
  });
});

test('a histogram adds up what it observed, and each bucket has all below it', async () => {
  const ends = [20_000, 400, 63_001].map((durationMs) => ({ ...disconnectedEvent, durationMs }));
  const lines = await linesOf(metricsAfter([groupAdded, ...ends]), 'finrst_connection_duration_seconds');
  const labels = `group="${group}",class="error"`;
  for (const [le, count] of [
    ['0.1', 0],
    ['1', 1],
    ['15', 1],
    ['30', 2],
    ['63', 2],
    ['72', 3],
    ['+Inf', 3],
  ]) {
    expect(lines).toContain(`finrst_connection_duration_seconds_bucket{${labels},le="${le}"} ${count}`);
  }
  expect(lines).toContain(`finrst_connection_duration_seconds_sum{${labels}} 83.401`);
  expect(lines).toContain(`finrst_connection_duration_seconds_count{${labels}} 3`);
});

describe('exemplars', () => {
  const events = [
    { ...groupAdded, tls: true },
    { ...connectedEvent, trace },
    { ...connectFailedEvent, trace },
    { ...disconnectedEvent, trace },
  ];
  const exemplars = async (all: readonly FinrstEvent[]) => {
    const families = parseOpenMetrics(await rendered(metricsAfter(all), 'openmetrics'));
    return [...families.values()].flatMap(({ samples }) => samples).filter(({ exemplar }) => exemplar !== undefined);
  };
  const labels = { trace_id: trace.traceId, span_id: trace.spanId };

  test('of recorded spans stand at the aggregates, never at a peer', async () => {
    const shown = await exemplars(events);
    expect(
      shown.map(({ name, labels: of }) => `${name} ${of['class'] ?? of['phase'] ?? ''} ${of['le'] ?? ''}`.trim()),
    ).toEqual([
      'finrst_disconnects_by_reason_total error',
      'finrst_connect_failures_by_reason_total tcp',
      'finrst_connection_duration_seconds_bucket error 63.0',
      'finrst_idle_at_disconnect_seconds_bucket error 5.0',
      'finrst_connect_duration_seconds_bucket dns 0.0025',
      'finrst_connect_duration_seconds_bucket tcp 0.005',
      'finrst_connect_duration_seconds_bucket total 0.025',
      'finrst_connect_duration_seconds_bucket tls 0.01',
    ]);
    expect(shown[0]?.exemplar).toEqual({ labels, value: 1, timestamp: disconnectedEvent.at / 1000 });
    expect(shown[2]?.exemplar).toEqual({ labels, value: 60.000_25, timestamp: disconnectedEvent.at / 1000 });
  });

  test('an observation above the last bound stands at +Inf', async () => {
    const shown = await exemplars([groupAdded, { ...disconnectedEvent, durationMs: 1e12, idleMs: 1e12, trace }]);
    expect(shown.map((sample) => sample.labels['le'])).toEqual([undefined, '+Inf', '+Inf']);
  });

  test('an observation that is equal to a bound stands at that bound, as it is counted there', async () => {
    const end = { ...disconnectedEvent, durationMs: 63_000, idleMs: 1000, trace };
    const shown = await exemplars([groupAdded, end]);
    expect(shown.map((sample) => sample.labels['le'])).toEqual([undefined, '63.0', '1.0']);
    const text = await rendered(metricsAfter([groupAdded, end]));
    expect(text).toContain(`finrst_connection_duration_seconds_bucket{group="${group}",class="error",le="57"} 0\n`);
    expect(text).toContain(`finrst_connection_duration_seconds_bucket{group="${group}",class="error",le="63"} 1\n`);
  });

  test('of spans that were not recorded are not kept: they would lead nowhere', async () => {
    expect(await exemplars([groupAdded, { ...disconnectedEvent, trace: { ...trace, recorded: false } }])).toEqual([]);
  });

  test('of the last recorded span stay while further ends have none', async () => {
    const shown = await exemplars([groupAdded, { ...disconnectedEvent, trace }, disconnectedEvent]);
    expect(shown.map(({ value, exemplar }) => [value, exemplar?.labels])).toEqual([
      [2, labels],
      [2, labels],
      [2, labels],
    ]);
  });

  test('are not in the text format', async () => {
    expect(await rendered(metricsAfter(events))).not.toContain('trace_id');
  });
});
