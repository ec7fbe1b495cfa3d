import type { SecureVersion } from 'node:tls';
import { tlsFile } from '../support/tls-peer.ts';
import {
  DATA_FIN,
  DATA_RST,
  type Fault,
  FIN,
  FIN_AT_ONCE,
  FIN_RST,
  FIRST_ANSWER_FAULTS,
  HANDSHAKE_FAULTS,
  noData,
  noReply,
  RST,
  RST_AT_ONCE,
  stopsReading,
  TLS_FAULTS,
  wrongReply,
} from './fault.ts';

/** Peers of one kind: what Finrst is configured to do with them, what they do by themselves, and how they can be harmed. */
export type SoakGroup = {
  readonly name: string;
  /** Of all peers. */
  readonly share: number;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly tls: SecureVersion | null;
  /** What a healthy peer does: answers each heartbeat, sends a few bytes now and then, or only reads. */
  readonly life: 'answers' | 'pushes' | 'reads';
  /** Drawn from with equal chance. Empty: never harmed. */
  readonly faults: readonly Fault[];
  /** A local close that its settings bring about without anybody's doing. */
  readonly ages: boolean;
};

const HEARTBEAT_MS = 1000;
const IDLE_MS = 1500;
const CONNECT_MS = 2000;
const PATIENCE_MS = 1000;

const often = (times: number, faults: readonly Fault[]): readonly Fault[] =>
  Array.from({ length: times }, () => faults).flat();
const plain = { tls: null, life: 'reads', ages: false } as const;
const NORMAL = [FIN, RST, DATA_FIN, DATA_RST, FIN_RST];

function tlsGroup(name: string, version: SecureVersion): SoakGroup {
  return {
    ...plain,
    name,
    share: 0.07,
    tls: version,
    settings: { connect_timeout: `${CONNECT_MS}ms`, tls: { server_name: 'localhost', ca_file: tlsFile('ca.pem') } },
    faults: [...often(4, TLS_FAULTS), ...HANDSHAKE_FAULTS(CONNECT_MS)],
  };
}

/** Some fault kinds wait for a deadline of a second or two; they are drawn seldom, so that the others keep the pace. */
export const SOAK_GROUPS: readonly SoakGroup[] = [
  {
    ...plain,
    name: 'plain',
    share: 0.34,
    settings: { keepalive: { idle: '60s', interval: '10s', count: 3 } },
    faults: [...NORMAL, FIN_AT_ONCE, RST_AT_ONCE],
  },
  {
    ...plain,
    name: 'answered',
    share: 0.26,
    life: 'answers',
    settings: {
      heartbeat: { send: 'PING\\r\\n', interval: `${HEARTBEAT_MS}ms`, expect: '+PONG', timeout: `${HEARTBEAT_MS}ms` },
    },
    faults: [
      ...often(4, NORMAL),
      ...often(2, [noReply(2 * HEARTBEAT_MS), wrongReply(2 * HEARTBEAT_MS)]),
      ...often(2, FIRST_ANSWER_FAULTS(HEARTBEAT_MS)),
    ],
  },
  {
    ...plain,
    name: 'listening',
    share: 0.08,
    life: 'pushes',
    settings: { idle_timeout: `${IDLE_MS}ms` },
    faults: [...often(3, [FIN, RST, DATA_RST]), noData(IDLE_MS)],
  },
  tlsGroup('tls13', 'TLSv1.3'),
  tlsGroup('tls12', 'TLSv1.2'),
  { ...plain, name: 'moving', share: 0.07, settings: {}, faults: NORMAL },
  { ...plain, name: 'aging', share: 0.04, settings: { max_connection_age: '1s' }, faults: NORMAL, ages: true },
  {
    ...plain,
    name: 'filling',
    share: 0.01,
    settings: {
      heartbeat: { send: 'x'.repeat(32_768), interval: '50ms' },
      write_timeout: `${PATIENCE_MS}ms`,
    },
    faults: [FIN, RST, stopsReading('idle_timeout/write_stalled', 10_000)],
  },
  {
    ...plain,
    name: 'window',
    share: 0.01,
    settings: {
      heartbeat: { send: 'x'.repeat(20_000), interval: '100ms' },
      keepalive: false,
      user_timeout: `${PATIENCE_MS}ms`,
    },
    faults: [FIN, RST, stopsReading('error/retransmit_timeout', 20_000)],
  },
  { ...plain, name: 'unharmed', share: 0.05, settings: {}, faults: [] },
];

/** A peer of a group: its target, and its place among its like. */
export type SoakPeer = { readonly group: SoakGroup; readonly index: number; readonly address: string };

/** Each peer has a loopback address of its own, which says who it is, and so all 28,000 local ports of that address. */
export function soakPeers(count: number): readonly SoakPeer[] {
  return SOAK_GROUPS.flatMap((group, g) =>
    Array.from({ length: Math.max(1, Math.round(count * group.share)) }, (_, index) => ({
      group,
      index,
      address: `127.${10 + g}.${index >> 8}.${index & 255}`,
    })),
  );
}
