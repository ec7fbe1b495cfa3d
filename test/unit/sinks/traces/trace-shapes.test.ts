import {
  ATTR_ERROR_TYPE,
  ATTR_NETWORK_LOCAL_ADDRESS,
  ATTR_NETWORK_LOCAL_PORT,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_NETWORK_TRANSPORT,
  ATTR_NETWORK_TYPE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '@opentelemetry/semantic-conventions';
import { describe, expect, test } from 'vitest';

import type { Connected, ConnectFailed } from '../../../../src/domain/events/connection-events.ts';
import { countConnectSpans, describeConnect } from '../../../../src/sinks/traces/connect-trace.ts';
import { describeConnection } from '../../../../src/sinks/traces/connection-trace.ts';
import { connectedEvent, connectFailedEvent, disconnectedEvent } from '../../../support/sample-finrst-events.ts';

const tried = { address: '192.0.2.7', startedMs: 2, durationMs: 3 };

/** name, start and end in ms from the start of the attempt, reason */
type Step = readonly [string, number, number, string | undefined];

describe('the steps of an attempt', () => {
  test.each<{ when: string; event: Connected | ConnectFailed; steps: readonly Step[] }>([
    {
      when: 'all went well',
      event: connectedEvent,
      steps: [
        ['dns', 0, 2, undefined],
        ['tcp_connect', 2.5, 6.5, undefined],
        ['tls_handshake', 6.5, 12, undefined],
      ],
    },
    {
      when: 'the target is an address: nothing is looked up',
      event: {
        ...connectedEvent,
        peer: { ...connectedEvent.peer, peer: '192.0.2.7:1', isLiteral: true },
        timings: { dnsMs: 0, totalMs: 9 },
      },
      steps: [['tcp_connect', 2.5, 6.5, undefined]],
    },
    {
      when: 'the target is an IPv6 address',
      event: {
        ...connectedEvent,
        peer: { ...connectedEvent.peer, peer: '[2001:db8::7]:1', isLiteral: true },
        timings: { dnsMs: 0, totalMs: 9 },
      },
      steps: [['tcp_connect', 2.5, 6.5, undefined]],
    },
    {
      when: 'the name does not resolve',
      event: { ...connectFailedEvent, phase: 'dns', reason: 'not_found', tried: [], timings: { totalMs: 7 } },
      steps: [['dns', 0, 7, 'not_found']],
    },
    {
      when: 'the first address refuses and the second works',
      event: {
        ...connectedEvent,
        tried: [
          { ...tried, reason: 'refused', errno: 'ECONNREFUSED' },
          { ...tried, startedMs: 5 },
        ],
        timings: { totalMs: 9 },
      },
      steps: [
        ['tcp_connect', 2, 5, 'refused'],
        ['tcp_connect', 5, 8, undefined],
      ],
    },
    {
      when: 'a slow address is given up because another one connected: no error',
      event: {
        ...connectedEvent,
        tried: [
          { ...tried, durationMs: 6, abandoned: true },
          { ...tried, startedMs: 5 },
        ],
        timings: { totalMs: 9 },
      },
      steps: [
        ['tcp_connect', 2, 8, undefined],
        ['tcp_connect', 5, 8, undefined],
      ],
    },
    {
      when: 'the last address runs out of time',
      event: {
        ...connectFailedEvent,
        phase: 'tcp',
        reason: 'timeout',
        tried: [{ ...tried, reason: 'timeout', errno: 'ETIMEDOUT' }],
        timings: { totalMs: 5 },
      },
      steps: [['tcp_connect', 2, 5, 'timeout']],
    },
    {
      when: 'no descriptor is left: nothing was tried',
      event: { ...connectFailedEvent, phase: 'tcp', reason: 'fd_limit', tried: [], timings: { totalMs: 0 } },
      steps: [],
    },
    {
      when: 'the handshake is cut off',
      event: {
        ...connectFailedEvent,
        phase: 'tls',
        reason: 'reset',
        tried: [tried],
        timings: { tlsStartedMs: 5.5, totalMs: 20 },
      },
      steps: [
        ['tcp_connect', 2, 5, undefined],
        ['tls_handshake', 5.5, 20, 'reset'],
      ],
    },
    {
      when: 'the first answer is another one',
      event: {
        ...connectFailedEvent,
        phase: 'protocol',
        reason: 'rejected',
        tried: [tried],
        timings: { tlsStartedMs: 5, tlsMs: 4, protocolStartedMs: 9, totalMs: 20 },
      },
      steps: [
        ['tcp_connect', 2, 5, undefined],
        ['tls_handshake', 5, 9, undefined],
        ['protocol_handshake', 9, 20, 'rejected'],
      ],
    },
    {
      when: 'a TLS alert comes in place of the first answer: the handshake was done',
      event: {
        ...connectFailedEvent,
        phase: 'tls',
        reason: 'alert',
        tried: [tried],
        timings: { tlsStartedMs: 5, tlsMs: 4, protocolStartedMs: 9, totalMs: 20 },
      },
      steps: [
        ['tcp_connect', 2, 5, undefined],
        ['tls_handshake', 5, 9, undefined],
        ['protocol_handshake', 9, 20, 'alert'],
      ],
    },
    {
      when: 'the first answer came',
      event: {
        ...connectedEvent,
        tried: [tried],
        timings: { tcpMs: 3, protocolStartedMs: 5, protocolMs: 7, totalMs: 12 },
      },
      steps: [
        ['tcp_connect', 2, 5, undefined],
        ['protocol_handshake', 5, 12, undefined],
      ],
    },
  ])('when $when', ({ event, steps }) => {
    const { root, children } = describeConnect(event);
    expect(
      children.map(({ name, startMs, endMs, attributes }) => [
        name,
        startMs - root.startMs,
        endMs - root.startMs,
        attributes['error.type'],
      ]),
    ).toEqual(steps);
    expect(children.map(({ error }) => error !== undefined)).toEqual(
      steps.map(([, , , reason]) => reason !== undefined),
    );
    expect(countConnectSpans(event)).toBe(1 + steps.length);
  });

  test('an attempt that worked is no error, whatever one of its addresses did', () => {
    const { root } = describeConnect({
      ...connectedEvent,
      tried: [{ ...tried, reason: 'refused', errno: 'ECONNREFUSED' }, tried],
    });
    expect(root.error).toBeUndefined();
    expect(root.attributes['error.type']).toBeUndefined();
  });
});

test('attributes bear the names of the semantic conventions where there are any', () => {
  const { attributes } = describeConnection(disconnectedEvent).root;
  expect(Object.keys(attributes)).toEqual(
    expect.arrayContaining([
      ATTR_ERROR_TYPE,
      ATTR_NETWORK_LOCAL_ADDRESS,
      ATTR_NETWORK_LOCAL_PORT,
      ATTR_NETWORK_PEER_ADDRESS,
      ATTR_NETWORK_PEER_PORT,
      ATTR_NETWORK_TRANSPORT,
      ATTR_NETWORK_TYPE,
      ATTR_SERVER_ADDRESS,
      ATTR_SERVER_PORT,
    ]),
  );
});

test('a span has the host of its peer without brackets, and the target as written', () => {
  const peer = { ...disconnectedEvent.peer, peer: '[2001:db8::7]:6379', host: '2001:db8::7', isLiteral: true };
  const remote = { address: '2001:db8::7', port: 6379 };
  expect(describeConnection({ ...disconnectedEvent, peer, remote }).root.attributes).toMatchObject({
    'server.address': '2001:db8::7',
    'server.port': 6379,
    'network.type': 'ipv6',
    'finrst.peer': '[2001:db8::7]:6379',
  });
});

test('a wall clock that was set back bends no span: the end stands, the monotonic length gives the start', () => {
  const setBack = { ...disconnectedEvent, at: 1_000_000, establishedAt: 5_000_000, durationMs: 60_000 };
  expect(describeConnection(setBack).root).toMatchObject({ startMs: 940_000, endMs: 1_000_000 });
});

test('an address that lost the race says so, and the span of the attempt names the one that won', () => {
  const lost = { ...tried, address: '192.0.2.8', abandoned: true } as const;
  const { root, children } = describeConnect({ ...connectedEvent, tried: [lost, tried] });
  expect(children.map(({ name, attributes }) => [name, attributes['finrst.reason']])).toContainEqual([
    'tcp_connect',
    'abandoned',
  ]);
  expect(children.some(({ error }) => error !== undefined)).toBe(false);
  expect(root.attributes['network.peer.address']).toBe(connectedEvent.remote.address);
});
