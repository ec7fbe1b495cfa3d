import { describe, expect, test } from 'vitest';
import type { FinrstEvent } from '../../../../src/domain/events/finrst-event.ts';
import { PeerHistories } from '../../../../src/sinks/status/peer-histories.ts';
import { publishTo } from '../../../support/publish-to.ts';
import {
  connectedEvent,
  connectFailedEvent,
  disconnectedEvent,
  explainedEvent,
  localClosedEvent,
  silences,
} from '../../../support/sample-finrst-events.ts';

const { at, peer } = connectedEvent;
const facts = { labels: {}, tls: false, expectsAnswer: false, canAnnounce: false, host: 'h', port: 1 };
const added: FinrstEvent = { type: 'peerAdded', at, peer, facts };
const sample = {
  state: 'established',
  rttMs: 1.5,
  minRttMs: 1,
  totalRetransmits: 2,
  pendingRetransmits: 0,
  pendingProbes: 0,
  outstandingBytes: 0,
  silenceMs: 900.4,
} as const;
const after = (...events: readonly FinrstEvent[]) => {
  const histories = new PeerHistories();
  [added, ...events].forEach(publishTo(histories.sink));
  return histories;
};
const ended = (n: number) => ({ ...disconnectedEvent, at: at + n * 1000, connectionId: `c${n}` });

describe('the past of a peer', () => {
  test('has the last three ends, the newest first, with what was known of each', () => {
    const history = after(...[1, 2, 3, 4].map(ended)).of(peer.id);
    expect(history?.ends.map(({ connectionId }) => connectionId)).toEqual(['c4', 'c3', 'c2']);
    const { remote, local, peer: _, ...rest } = disconnectedEvent;
    expect(after(disconnectedEvent).of(peer.id)?.ends[0]).toEqual(
      expect.objectContaining({
        class: 'error',
        reason: 'reset',
        errno: 'ECONNRESET',
        initiator: 'remote',
        address: remote.address,
        durationMs: 60_000,
        quietMs: rest.quietMs,
      }),
    );
    expect(local.port).toBe(50_123);
  });

  test('has for a row why its last attempt failed, until one succeeds, and when its certificate ends', () => {
    const said = { goodbye: 'not_ready', goodbyeCode: '57P03' } as const;
    const failed = { ...connectFailedEvent, ...said };
    expect(after(failed).summaryOf(peer.id)?.failure).toMatchObject({ phase: 'tcp', reason: 'refused', ...said });
    const certificate = { expiresAt: at + 1, readAt: at };
    const summary = after(failed, { ...connectedEvent, certificate }).summaryOf(peer.id);
    expect(summary).not.toHaveProperty('failure');
    expect(summary?.certificate).toEqual(certificate);
  });

  test('rounds lengths, and keeps of TCP_INFO and the trace what counts', () => {
    const trace = { traceId: 't', spanId: 's', recorded: true };
    const end = after({ ...disconnectedEvent, tcp: sample, trace }).of(peer.id)?.ends[0];
    expect(end).toMatchObject({ durationMs: 60_000, traceId: 't', tcp: { silenceMs: 900, totalRetransmits: 2 } });
    expect(
      after({ ...disconnectedEvent, trace: { ...trace, recorded: false } }).of(peer.id)?.ends[0],
    ).not.toHaveProperty('traceId');
  });

  test('has the last 32 changes, the oldest first; of failed attempts the first of a row', () => {
    const history = after(
      connectedEvent,
      disconnectedEvent,
      connectFailedEvent,
      connectFailedEvent,
      connectedEvent,
      localClosedEvent,
    ).of(peer.id);
    expect(history?.changes.map(({ kind }) => kind)).toEqual(['connected', 'error', 'failed', 'connected', 'local']);
    expect(history?.changes[1]).toEqual({ at: disconnectedEvent.at, kind: 'error' });
    const many = after(...Array.from({ length: 40 }, (_, n) => ended(n))).of(peer.id)?.changes ?? [];
    expect([many.length, many[0]?.at, many.at(-1)?.at]).toEqual([32, at + 8000, at + 39_000]);
  });

  test('learns of an announcement and of an incident afterwards', () => {
    const eof = { ...disconnectedEvent, class: 'eof', reason: 'fin' } as const;
    const announced = after(eof, { ...explainedEvent, class: 'eof', reason: 'fin' }).of(peer.id);
    expect(announced?.ends[0]).toMatchObject({ announced: 'terminating' });
    expect(announced?.changes).toEqual([{ at: eof.at, kind: 'announced' }]);
    const { announced: _, ...head } = { announced: 0, ...explainedEvent };
    const incident = after(disconnectedEvent, { ...head, by: 'incident', incident: '7', endedAt: 1 }).of(peer.id);
    expect(incident?.ends[0]).toMatchObject({ incident: '7' });
    expect(incident?.changes[0]?.kind).toBe('error');
  });

  test('an error that was announced keeps its shape', () => {
    expect(after({ ...disconnectedEvent, announced: 'removed' }).of(peer.id)?.changes[0]?.kind).toBe('error');
  });

  test('keeps the last failed attempt, however many attempts of others came since', () => {
    const other = { ...peer, id: 2, peer: 'other:1' };
    const others = Array.from({ length: 1000 }, () => ({ ...connectedEvent, peer: other }));
    const histories = after({ ...added, peer: other }, connectedEvent, connectFailedEvent, ...others);
    expect(histories.of(peer.id)?.attempts).toMatchObject([
      { failure: { phase: 'tcp', reason: 'refused', errno: 'ECONNREFUSED' } },
    ]);
    expect(histories.of(other.id)?.attempts).toHaveLength(1000);
    const both = after(connectedEvent, { ...connectFailedEvent, startedAt: at + 5 }).of(peer.id)?.attempts;
    expect(both?.map(({ failure }) => failure?.phase ?? null)).toEqual(['tcp', null]);
  });

  test('the reading of TCP_INFO is that of the connection that is held', () => {
    const sampled: FinrstEvent = { type: 'sampled', at: at + 5, peer, tcp: sample, newRetransmits: 0, silences };
    expect(after(connectedEvent, sampled).of(peer.id)?.sample).toEqual({
      at: at + 5,
      rttMs: 1.5,
      minRttMs: 1,
      retransmits: 2,
      silenceMs: 900.4,
    });
    expect(after(connectedEvent, sampled, disconnectedEvent).of(peer.id)).not.toHaveProperty('sample');
  });

  test('the longest silence that any of its connections survived is kept', () => {
    const sampled = (survivedMs: number): FinrstEvent => ({
      type: 'sampled',
      at,
      peer,
      tcp: sample,
      newRetransmits: 0,
      silences: { ...silences, survivedMs },
    });
    const histories = after(connectedEvent, sampled(40), sampled(347), disconnectedEvent, connectedEvent, sampled(90));
    expect(histories.of(peer.id)?.survivedMs).toBe(347);
  });

  test('the certificate is the one that was read last', () => {
    const certificate = { expiresAt: at + 1000, readAt: at };
    const read: FinrstEvent = { type: 'certificateRead', at: at + 9, peer, expiresAt: at + 2000 };
    expect(after({ ...connectedEvent, certificate }).of(peer.id)?.certificate).toEqual(certificate);
    expect(after({ ...connectedEvent, certificate }, read).of(peer.id)?.certificate).toEqual({
      expiresAt: at + 2000,
      readAt: at + 9,
    });
  });
});

test('a removed peer has no past, only the time at which it went', () => {
  const histories = after(disconnectedEvent, { type: 'peerRemoved', at: at + 7, peer });
  expect(histories.of(peer.id)).toBeNull();
  expect(histories.removedAt(peer)).toBe(at + 7);
  expect(histories.removedAt({ group: 'other', peer: peer.peer })).toBeNull();
});

test('the same target in two groups is two peers', () => {
  const twin = { ...peer, id: 2, group: 'other' };
  const histories = after({ ...added, peer: twin }, disconnectedEvent);
  expect(histories.of(twin.id)?.ends).toEqual([]);
  expect([...histories.peersByGroup()]).toEqual([
    ['payments-redis', 1],
    ['other', 1],
  ]);
});
