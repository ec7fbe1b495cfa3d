import { joinBytes } from '../join-bytes.ts';

/** The kinds of frames: https://www.rfc-editor.org/rfc/rfc6455#section-11.8 */
export const OPCODE = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

const KNOWN: ReadonlySet<number> = new Set(Object.values(OPCODE));

/** The shortest header, of a frame of at most 125 bytes. */
export const HEADER_BYTES = 2;
const MOST_IN_FIRST_BYTES = 125;
const NEXT_TWO = 126;

/** Control frames whole; of the others nothing but the header is needed. */
export const KEPT_BYTES = HEADER_BYTES + MOST_IN_FIRST_BYTES;

/** The high half of the largest length that a number holds exactly. */
const MOST_HIGH = 0x1f_ffff;

/** One frame as it came; `payload` is whole in control frames alone. */
export type WebSocketFrame = { readonly opcode: number; readonly isFinal: boolean; readonly payload: Uint8Array };

/** A header, and what follows it. */
export function readFrame(bytes: Uint8Array): WebSocketFrame {
  const [first = 0] = bytes;
  return { opcode: first & 0x0f, isFinal: (first & 0x80) !== 0, payload: bytes.subarray(HEADER_BYTES) };
}

/**
 * The length of a frame of a server, with its header; `longer`: one more byte of the header is needed; null: no server may
 * send such a frame. Lengths in more bytes than needed are read.
 */
export function frameSize(header: Uint8Array): number | 'longer' | null {
  const [first = 0, second = 0] = header;
  const opcode = first & 0x0f;
  const isFinal = (first & 0x80) !== 0;
  // Bits of extensions, of which none was agreed upon; and servers do not mask.
  if ((first & 0x70) !== 0 || (second & 0x80) !== 0 || !KNOWN.has(opcode)) return null;
  if (second <= MOST_IN_FIRST_BYTES) return opcode >= OPCODE.close && !isFinal ? null : HEADER_BYTES + second;
  if (opcode >= OPCODE.close) return null; // they are short, and in one piece
  const headerBytes = HEADER_BYTES + (second === NEXT_TWO ? 2 : 8);
  if (header.length < headerBytes) return 'longer';
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (second === NEXT_TWO) return headerBytes + view.getUint16(HEADER_BYTES);
  const high = view.getUint32(HEADER_BYTES);
  return high > MOST_HIGH ? null : headerBytes + high * 2 ** 32 + view.getUint32(HEADER_BYTES + 4);
}

/** A control frame of ours: of at most 125 bytes, masked as every frame of a client, by a mask of its own. */
export function controlFrame(opcode: number, payload: Uint8Array, mask: Uint8Array): Uint8Array {
  const masked = payload.map((byte, at) => byte ^ (mask[at % mask.length] ?? 0));
  return joinBytes([0x80 | opcode, 0x80 | payload.length], mask, masked);
}
