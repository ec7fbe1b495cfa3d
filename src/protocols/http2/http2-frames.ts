import { joinBytes, uint32Bytes } from '../join-bytes.ts';

/** Types of frames: https://www.rfc-editor.org/rfc/rfc9113#section-6 */
export const FRAME = {
  data: 0,
  headers: 1,
  resetStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** Flags; the first means the end of a stream with DATA and HEADERS, and an answer with SETTINGS and PING. */
export const FLAG = { endStream: 0x1, ack: 0x1, endHeaders: 0x4 } as const;

/** Length, type, flags and stream. */
export const HEADER_BYTES = 9;
/** The longest frame that a peer may send to one that never allowed longer ones. */
const LONGEST_PAYLOAD = 16_384;

/** One frame of a peer. */
export type Http2Frame = {
  readonly type: number;
  readonly flags: number;
  /** 0: the frame is about the connection. */
  readonly stream: number;
  /** Of the payload as it was sent. */
  readonly length: number;
  /** Its beginning: so much as was kept. */
  readonly payload: Uint8Array;
};

/** The length of the whole frame by its header; null: no such frame is allowed. */
export function frameSize([a = 0, b = 0, c = 0]: Uint8Array): number | null {
  const length = (a << 16) | (b << 8) | c;
  return length > LONGEST_PAYLOAD ? null : HEADER_BYTES + length;
}

/** A frame from its first bytes, which hold the header. */
export function readFrame(bytes: Uint8Array): Http2Frame {
  const [a = 0, b = 0, c = 0, type = 0, flags = 0] = bytes;
  return {
    type,
    flags,
    stream: uint31(bytes, 5),
    length: (a << 16) | (b << 8) | c,
    payload: bytes.subarray(HEADER_BYTES),
  };
}

/** The number at this place without its first bit, which is reserved or says something else; what is missing counts as 0. */
export function uint31(bytes: Uint8Array, at: number): number {
  return uint32(bytes, at) & 0x7fff_ffff;
}

/** The number at this place; what is missing counts as 0. */
export function uint32(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + 4);
  return a * 0x1000000 + ((b << 16) | (c << 8) | d);
}

/** What is the header of a frame of ours; without a stream it is about the connection. */
export type FrameHead = { readonly type: number; readonly flags?: number; readonly stream?: number };

/** A frame of ours. */
export function frame({ type, flags = 0, stream = 0 }: FrameHead, payload: Uint8Array = new Uint8Array()): Uint8Array {
  const { length } = payload;
  return joinBytes([length >> 16, (length >> 8) & 0xff, length & 0xff, type, flags], uint32Bytes(stream), payload);
}

const NO_TABLE = [0, 1, 0, 0, 0, 0];
const NO_PUSH = [0, 2, 0, 0, 0, 0];

/** What a client begins with: the peer keeps no table of headers for us, and pushes nothing. */
export const PREFACE = joinBytes(
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  frame({ type: FRAME.settings }, Uint8Array.from([...NO_TABLE, ...NO_PUSH])),
);
/** The answer to settings of the peer. */
export const SETTINGS_ACK = frame({ type: FRAME.settings, flags: FLAG.ack });
/** We leave, and no stream of the peer was taken: it can open none. */
export const GOAWAY = frame({ type: FRAME.goAway }, new Uint8Array(8));
