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
import {
  ATTR_DNS_ANSWERS,
  ATTR_DNS_QUESTION_NAME,
  ATTR_TLS_CIPHER,
  ATTR_TLS_PROTOCOL_NAME,
  ATTR_TLS_PROTOCOL_VERSION,
  ATTR_TLS_RESUMED,
  ATTR_TLS_SERVER_ISSUER,
  ATTR_TLS_SERVER_NOT_AFTER,
  ATTR_TLS_SERVER_SUBJECT,
} from '@opentelemetry/semantic-conventions/incubating';
import { describe, expect, test } from 'vitest';

import type { Connected, ConnectFailed } from '../../../../src/domain/events/connection-events.ts';
import { countConnectSpans, describeConnect } from '../../../../src/sinks/traces/connect-trace.ts';
import { describeConnection } from '../../../../src/sinks/traces/connection-trace.ts';
import { describeObserved } from '../../../../src/sinks/traces/observed-trace.ts';
import {
  connectedEvent,
  connectFailedEvent,
  disconnectedEvent,
  observedErrorEvent,
} from '../../../support/sample-finrst-events.ts';

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
    {
      when: 'a login asked for TLS and was taken',
      event: {
        ...connectedEvent,
        tried: [tried],
        timings: { tcpMs: 3, protocolStartedMs: 5, tlsStartedMs: 7, tlsMs: 4, protocolMs: 5, totalMs: 14 },
      },
      steps: [
        ['tcp_connect', 2, 5, undefined],
        ['tls_handshake', 7, 11, undefined],
        ['protocol_handshake', 5, 7, undefined],
        ['protocol_handshake', 11, 14, undefined],
      ],
    },
    {
      when: 'a login asked for TLS and was refused over it',
      event: {
        ...connectFailedEvent,
        phase: 'protocol',
        reason: 'rejected',
        tried: [tried],
        timings: { protocolStartedMs: 5, tlsStartedMs: 7, tlsMs: 4, protocolMs: 2, totalMs: 14 },
      },
      steps: [
        ['tcp_connect', 2, 5, undefined],
        ['tls_handshake', 7, 11, undefined],
        ['protocol_handshake', 5, 7, undefined],
        ['protocol_handshake', 11, 14, 'rejected'],
      ],
    },
    {
      when: 'a login asked for TLS, and the handshake is cut off: what was before it was done',
      event: {
        ...connectFailedEvent,
        phase: 'tls',
        reason: 'reset',
        tried: [tried],
        timings: { protocolStartedMs: 5, tlsStartedMs: 7, protocolMs: 2, totalMs: 14 },
      },
      steps: [
        ['tcp_connect', 2, 5, undefined],
        ['tls_handshake', 7, 14, 'reset'],
        ['protocol_handshake', 5, 7, undefined],
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

/** The attributes of the child span of this name. */
const stepOf = (event: Connected | ConnectFailed, name: string) =>
  describeConnect(event).children.find((child) => child.name === name)?.attributes;

describe('the look-up', () => {
  const answers = Array.from({ length: 20 }, (_, i) => `192.0.2.${i}`);

  test('has the name that was asked for, and the addresses that came, at most 16', () => {
    expect(stepOf({ ...connectedEvent, resolved: answers }, 'dns')).toMatchObject({
      [ATTR_DNS_QUESTION_NAME]: 'redis-0.payments',
      [ATTR_DNS_ANSWERS]: answers.slice(0, 16),
    });
  });

  test('has no addresses where it failed', () => {
    const failed = { ...connectFailedEvent, phase: 'dns', reason: 'not_found', tried: [] } as const;
    expect(stepOf(failed, 'dns')?.[ATTR_DNS_ANSWERS]).toBeUndefined();
  });
});

describe('the TLS handshake', () => {
  const tls = {
    version: 'TLSv1.3',
    cipher: 'TLS_AES_256_GCM_SHA384',
    isResumed: false,
    isVerified: true,
    server: { subject: 'CN=redis, O=Example', issuer: 'CN=Example CA', notBefore: 0, notAfter: Date.UTC(2027, 1, 23) },
  };

  test('has what was agreed on and presented, by the names of the semantic conventions', () => {
    expect(stepOf({ ...connectedEvent, tls }, 'tls_handshake')).toMatchObject({
      [ATTR_TLS_PROTOCOL_NAME]: 'tls',
      [ATTR_TLS_PROTOCOL_VERSION]: '1.3',
      [ATTR_TLS_CIPHER]: 'TLS_AES_256_GCM_SHA384',
      [ATTR_TLS_RESUMED]: false,
      [ATTR_TLS_SERVER_SUBJECT]: 'CN=redis, O=Example',
      [ATTR_TLS_SERVER_ISSUER]: 'CN=Example CA',
      [ATTR_TLS_SERVER_NOT_AFTER]: '2027-02-23T00:00:00.000Z',
    });
  });

  test('has it also where the certificate was refused', () => {
    const refused = {
      ...connectFailedEvent,
      phase: 'tls',
      reason: 'certificate',
      errno: 'CERT_HAS_EXPIRED',
      timings: { tlsStartedMs: 5, totalMs: 20 },
      tls,
    } as const;
    expect(stepOf(refused, 'tls_handshake')).toMatchObject({
      'error.type': 'certificate',
      [ATTR_TLS_SERVER_SUBJECT]: 'CN=redis, O=Example',
      'finrst.tls.alert': undefined,
    });
  });

  test('names the alert that broke it', () => {
    const broken = {
      ...connectFailedEvent,
      phase: 'tls',
      reason: 'alert',
      errno: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
      timings: { tlsStartedMs: 5, totalMs: 20 },
    } as const;
    const step = stepOf(broken, 'tls_handshake');
    expect(step).toMatchObject({ 'finrst.tls.alert': 'unknown_ca', 'error.type': 'alert' });
    expect(step).not.toHaveProperty([ATTR_TLS_CIPHER]);
  });
});

test('only the attempt names the service, so that a service graph draws one edge for it', () => {
  const { root, children } = describeConnect(connectedEvent);
  expect(root).toMatchObject({ kind: 'client', attributes: { 'peer.service': 'payments-redis' } });
  const connection = describeConnection(disconnectedEvent).root;
  for (const { kind, attributes } of [...children, connection]) {
    expect(kind).toBe('internal');
    expect(attributes).not.toHaveProperty(['peer.service']);
  }
});

test('every span has the target labels that its peer has', () => {
  const peer = { ...connectedEvent.peer, labels: { team: 'pay "ments"', severity: '' } };
  const { root, children } = describeConnect({ ...connectedEvent, peer });
  const connection = describeConnection({ ...disconnectedEvent, peer }).root;
  for (const { attributes } of [root, ...children, connection]) {
    expect(attributes).toMatchObject({ 'finrst.label.team': 'pay "ments"' });
    expect(attributes).not.toHaveProperty(['finrst.label.severity']);
  }
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

describe('a connection of another process that broke', () => {
  test('is a span from established to its end, with the process', () => {
    const { root, children } = describeObserved(observedErrorEvent, 'reset');
    expect(children).toEqual([]);
    expect(root).toMatchObject({ name: 'connection', kind: 'internal', error: 'error reset ECONNRESET' });
    expect([root.startMs, root.endMs]).toEqual([observedErrorEvent.at - 60_000.25, observedErrorEvent.at]);
    expect(root.attributes).toMatchObject({
      'finrst.observed': true,
      'finrst.connection.id': 'observed-7',
      'finrst.peer': observedErrorEvent.peer.peer,
      'network.peer.address': '10.244.3.17',
      'network.local.port': 48_214,
      'process.pid': 4711,
      'process.executable.name': 'java',
      'finrst.class': 'error',
      'finrst.reason': 'reset',
      'finrst.errno': 'ECONNRESET',
      'finrst.initiator': 'remote',
      'error.type': 'reset',
      'finrst.connection.duration_s': 60.00025,
    });
  });

  test.each([
    ['shop/web-0', { 'k8s.namespace.name': 'shop', 'k8s.pod.name': 'web-0' }],
    ['0b6f1d4e-5b4c-4f0e-9d3a-0123456789ab', { 'k8s.pod.uid': '0b6f1d4e-5b4c-4f0e-9d3a-0123456789ab' }],
    [null, {}],
  ])('names the pod %s by what is known of it', (pod, expected) => {
    const owner = { pid: 1, executable: null, pod };
    const connection = { ...observedErrorEvent.connection, owner };
    const { attributes } = describeObserved({ ...observedErrorEvent, connection }, 'reset').root;
    expect(Object.fromEntries(Object.entries(attributes).filter(([name]) => name.startsWith('k8s.')))).toEqual(
      expected,
    );
  });

  test('of which little is known says no more: no owner, no beginning', () => {
    const { durationMs: _, ...found } = observedErrorEvent;
    const { root } = describeObserved({ ...found, connection: { ...found.connection, owner: null } }, 'timeout');
    expect(root.startMs).toBe(root.endMs);
    const known = Object.entries(root.attributes).filter(([, value]) => value !== undefined);
    const names = known.map(([name]) => name);
    expect(names.filter((name) => /^(process|k8s)|duration/.test(name))).toEqual([]);
  });
});
