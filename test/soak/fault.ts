import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** One accepted connection, as a fault can harm it. */
export type Victim = {
  readonly socket: Socket;
  /** Null: no TLS, or its handshake has not begun. */
  secured: TLSSocket | null;
  /** How heartbeats are answered; `pushes` of a listening peer count as answers. */
  speech: 'right' | 'wrong' | 'none';
};

export type Fault = {
  readonly name: string;
  /** `accept`: in place of what a peer does first. `answer`: in place of its first answer. `held`: some time after that. */
  readonly at: 'accept' | 'answer' | 'held';
  /** What Finrst must call it: `eof/fin`, `connect tls/reset`. */
  readonly word: string;
  /** The deadline of Finrst that finds it; 0: it is seen at once. */
  readonly patienceMs: number;
  readonly act: (victim: Victim) => void;
};

const DATA = Buffer.alloc(100, 'x');
/** A record of application data that nobody encrypted. */
const BROKEN_RECORD = Buffer.concat([Buffer.from([0x17, 0x03, 0x03, 0x00, 0x20]), Buffer.alloc(32, 7)]);

const sendFin = ({ socket }: Victim): void => void socket.end();
const sendReset = ({ socket }: Victim): void => void socket.resetAndDestroy();
const beSilent = (victim: Victim): void => void (victim.speech = 'none');
const answerWrongly = (victim: Victim): void => void (victim.speech = 'wrong');

type Held = Pick<Fault, 'name' | 'word' | 'act'> & { readonly patienceMs?: number };
const held = ({ patienceMs = 0, ...fault }: Held): Fault => ({ ...fault, at: 'held', patienceMs });
const first = (at: 'accept' | 'answer', { patienceMs = 0, ...fault }: Held): Fault => ({ ...fault, at, patienceMs });

export const FIN = held({ name: 'FIN', word: 'eof/fin', act: sendFin });
export const RST = held({ name: 'RST', word: 'error/reset', act: sendReset });
export const DATA_FIN = held({ name: 'data and FIN', word: 'eof/fin', act: ({ socket }) => void socket.end(DATA) });
export const DATA_RST = held({
  name: 'data and RST',
  word: 'error/reset',
  act: ({ socket }) => void socket.write(DATA, () => socket.resetAndDestroy()),
});
export const FIN_RST = held({
  name: 'FIN and RST',
  word: 'eof/fin',
  act: ({ socket }) => void socket.end(() => socket.resetAndDestroy()),
});
export const FIN_AT_ONCE = first('accept', { name: 'FIN at once', word: 'eof/fin', act: sendFin });
export const RST_AT_ONCE = first('accept', { name: 'RST at once', word: 'error/reset', act: sendReset });

export const noReply = (patienceMs: number): Fault =>
  held({ name: 'no more answers', word: 'idle_timeout/no_reply', patienceMs, act: beSilent });
export const wrongReply = (patienceMs: number): Fault =>
  held({ name: 'other answers', word: 'error/protocol', patienceMs, act: answerWrongly });
export const noData = (patienceMs: number): Fault =>
  held({ name: 'no more data', word: 'idle_timeout/no_data', patienceMs, act: beSilent });
/** The peer's kernel lives and acknowledges; its program reads no more, until all buffers are full. */
export const stopsReading = (word: string, patienceMs: number): Fault =>
  held({ name: 'stops reading', word, patienceMs, act: ({ socket }) => void socket.pause() });

/** Instead of the first answer. */
export const FIRST_ANSWER_FAULTS = (timeoutMs: number): readonly Fault[] => [
  first('accept', { name: 'FIN before the heartbeat', word: 'connect protocol/eof', act: sendFin }),
  first('accept', { name: 'RST before the heartbeat', word: 'connect protocol/reset', act: sendReset }),
  first('answer', { name: 'FIN for an answer', word: 'connect protocol/eof', act: sendFin }),
  first('answer', { name: 'RST for an answer', word: 'connect protocol/reset', act: sendReset }),
  first('accept', {
    name: 'no first answer',
    word: 'connect protocol/timeout',
    patienceMs: timeoutMs,
    act: beSilent,
  }),
  first('accept', {
    name: 'another first answer',
    word: 'connect protocol/rejected',
    patienceMs: timeoutMs,
    act: answerWrongly,
  }),
];

const secured = (act: (secured: TLSSocket, victim: Victim) => void) => (victim: Victim) => {
  if (victim.secured !== null) act(victim.secured, victim);
};
export const TLS_FAULTS: readonly Fault[] = [
  FIN,
  RST,
  held({ name: 'close_notify and FIN', word: 'eof/close_notify', act: secured((tls) => void tls.end()) }),
  held({
    name: 'close_notify and RST',
    word: 'eof/close_notify',
    act: secured((tls, { socket }) => void tls.end(() => socket.resetAndDestroy())),
  }),
  held({
    name: 'data and RST',
    word: 'error/reset',
    act: secured((tls, { socket }) => void tls.write(DATA, () => socket.resetAndDestroy())),
  }),
  held({ name: 'broken record', word: 'error/tls_error', act: ({ socket }) => void socket.write(BROKEN_RECORD) }),
];

/** Instead of a handshake. */
export const HANDSHAKE_FAULTS = (connectTimeoutMs: number): readonly Fault[] => [
  first('accept', {
    name: 'plain text for a handshake',
    word: 'connect tls/not_tls',
    act: ({ socket }) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
  }),
  first('accept', { name: 'FIN for a handshake', word: 'connect tls/eof', act: sendFin }),
  first('accept', { name: 'RST for a handshake', word: 'connect tls/reset', act: sendReset }),
  first('accept', {
    name: 'no handshake',
    word: 'connect tls/timeout',
    patienceMs: connectTimeoutMs,
    act: () => {},
  }),
];
