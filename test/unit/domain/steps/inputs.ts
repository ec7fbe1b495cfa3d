import type { ConnectionState, PeerHistory } from '../../../../src/domain/connection-state.ts';
import type { Disconnected, LocalClosed } from '../../../../src/domain/events/connection-events.ts';
import type { ConnectionInput, InputOf } from '../../../../src/domain/steps/connection-input.ts';

export const ID = 'current';
export const NOW = 10_000;
export const DRAIN_MS = 2000;
export const LINGER_MS = 30_000;

const peer = { id: 0, group: 'g', peer: 'h:1', host: 'h', port: 1, isLiteral: false, labels: {} };
const attempt = { at: 1, peer, connectionId: ID, startedAt: 0, timings: { totalMs: 7 }, tried: [] };
const endpoint = { address: '192.0.2.1', port: 1 };
const circumstances = { now: NOW, random: 0.5, reconnect: { initialMs: 1000, maxMs: 60_000 }, drainMs: DRAIN_MS };
const ending = {
  at: 1,
  peer,
  connectionId: ID,
  remote: endpoint,
  local: endpoint,
  establishedAt: 0,
  durationMs: 500,
  idleMs: 1,
  quietMs: 1,
  payloadQuietMs: 1,
  receivedBytes: 0,
  sentBytes: 0,
};

export const DISCONNECTED: Disconnected = { ...ending, type: 'disconnected', class: 'eof', reason: 'fin' };
export const LOCAL_CLOSED: LocalClosed = { ...ending, type: 'localClosed', reason: 'max_age' };

/** One input of each type, about the current connection. */
export const INPUTS: { readonly [Type in ConnectionInput['type']]: InputOf<Type> } = {
  waitOver: { type: 'waitOver' },
  attemptDue: { type: 'attemptDue', connectionId: ID },
  resolved: { type: 'resolved', connectionId: ID },
  tcpConnected: { type: 'tcpConnected', connectionId: ID },
  established: {
    type: 'established',
    connectionId: ID,
    facts: { type: 'connected', ...attempt, remote: endpoint, local: endpoint },
    now: NOW,
  },
  attemptFailed: {
    type: 'attemptFailed',
    connectionId: ID,
    facts: { type: 'connectFailed', ...attempt, phase: 'tcp', reason: 'refused' },
    isOpen: false,
    ...circumstances,
  },
  ended: { type: 'ended', connectionId: ID, event: DISCONNECTED, ...circumstances },
  drained: { type: 'drained', connectionId: ID },
  reconfigured: { type: 'reconfigured', how: 'reconnect', hasMoved: false, ...circumstances },
  delayRestarted: { type: 'delayRestarted', ...circumstances },
  planned: { type: 'planned', announced: 'terminating', now: NOW, drainMs: DRAIN_MS },
  vanished: { type: 'vanished', reason: 'removed', lingerMs: LINGER_MS, now: NOW, drainMs: DRAIN_MS },
  announcedElsewhere: { type: 'announcedElsewhere', announced: 'terminating', now: NOW },
  stop: { type: 'stop', reason: 'shutdown', drainMs: 300 },
};

/** An earlier connection, whose socket drains still. */
export const OLDER = 'older';

/** A peer that failed three times since its last connection. */
export const TROUBLED: PeerHistory = {
  waits: 3,
  failuresInARow: 3,
  downFrom: 3000,
  downSince: 4000,
  draining: [],
  leaving: null,
  unexplained: null,
  hasMoved: false,
};
/** The same peer once it is established. */
export const RECOVERED: PeerHistory = { ...TROUBLED, failuresInARow: 0, downSince: null };

/** The same peer, whose end somebody announced: no time counts as down. */
export const ANNOUNCED: PeerHistory = {
  ...TROUBLED,
  downSince: null,
  leaving: { announced: 'terminating', vanishedAt: null },
};
/** When the target of a peer vanished. */
export const VANISHED_AT = NOW - 1000;
/** The same peer, whose target vanished unannounced. */
export const VANISHED: PeerHistory = {
  ...ANNOUNCED,
  leaving: { announced: null, vanishedAt: VANISHED_AT, goneAs: 'removed' },
};

/** Every state, and every situation within it that decides differently. */
export const SITUATIONS = {
  backoff: {
    waiting: { name: 'backoff', history: TROUBLED, waitsUntil: NOW + 5000 },
    queued: { name: 'backoff', history: TROUBLED, waitsUntil: null },
    waitingWhileOneDrains: { name: 'backoff', history: { ...TROUBLED, draining: [ID] }, waitsUntil: NOW + 5000 },
  },
  resolving: { running: { name: 'resolving', connectionId: ID, history: TROUBLED, isOutdated: false } },
  connecting: { running: { name: 'connecting', connectionId: ID, history: TROUBLED, isOutdated: false } },
  handshaking: {
    running: { name: 'handshaking', connectionId: ID, history: TROUBLED, isOutdated: false },
    outdated: { name: 'handshaking', connectionId: ID, history: TROUBLED, isOutdated: true },
  },
  established: {
    held: { name: 'established', connectionId: ID, history: RECOVERED },
    announced: { name: 'established', connectionId: ID, history: ANNOUNCED },
    lingering: { name: 'established', connectionId: ID, history: VANISHED },
  },
  closing: {
    ending: { name: 'closing', connectionId: ID, step: 'ending', drainMs: DRAIN_MS, draining: [] },
    draining: { name: 'closing', connectionId: ID, step: 'draining', history: TROUBLED },
    drainingToRetire: { name: 'closing', connectionId: ID, step: 'draining', history: VANISHED },
    drainingToStop: { name: 'closing', step: 'drainingToStop', draining: [ID] },
  },
  retired: {
    announced: { name: 'retired', history: ANNOUNCED },
    vanished: { name: 'retired', history: VANISHED },
    announcedWhileOneDrains: { name: 'retired', history: { ...ANNOUNCED, draining: [ID] } },
  },
  stopped: { over: { name: 'stopped' } },
} as const satisfies Record<ConnectionState['name'], Readonly<Record<string, ConnectionState>>>;
