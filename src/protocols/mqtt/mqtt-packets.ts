import { ByteReader } from '../byte-reader.ts';
import { joinBytes } from '../join-bytes.ts';

/** The high half of the first byte of a packet. https://docs.oasis-open.org/mqtt/mqtt/v5.0/mqtt-v5.0.html, 2.1.2 */
export const PACKET = {
  connect: 1,
  connAck: 2,
  subscribe: 8,
  unsubscribe: 10,
  pingReq: 12,
  pingResp: 13,
  disconnect: 14,
} as const;

/** The heartbeat. */
export const PINGREQ = Uint8Array.of(0xc0, 0);
/** A normal end, in both versions. */
export const DISCONNECT = Uint8Array.of(0xe0, 0);

/** What a client says first. `keepAliveSeconds`: 0 to 65,535; 0: the server is to wait for ever. */
export type ConnectWords = {
  readonly version: '3.1.1' | '5';
  readonly clientId: string;
  readonly keepAliveSeconds: number;
  readonly username: string | null;
  readonly password: string | null;
};

const CLEAN_START = 0x02;
const HAS_PASSWORD = 0x40;
const HAS_USERNAME = 0x80;
/** Of CONNECT in version 5: a session that ends with its connection, as it does by default. */
const NO_PROPERTIES = [0];

/** CONNECT without a will, with a session that begins anew. */
export function connectPacket({ version, clientId, keepAliveSeconds, username, password }: ConnectWords): Uint8Array {
  const flags = CLEAN_START | (username === null ? 0 : HAS_USERNAME) | (password === null ? 0 : HAS_PASSWORD);
  const body = joinBytes(
    withLength('MQTT'),
    [version === '5' ? 5 : 4, flags, keepAliveSeconds >> 8, keepAliveSeconds & 0xff],
    version === '5' ? NO_PROPERTIES : [],
    withLength(clientId),
    username === null ? [] : withLength(username),
    password === null ? [] : withLength(password),
  );
  return joinBytes([PACKET.connect << 4], variableInteger(body.length), body);
}

/** UTF-8 behind its length in two bytes. */
function withLength(text: string): Uint8Array {
  const { length } = joinBytes(text);
  return joinBytes([length >> 8, length & 0xff], text);
}

/** Seven bits a byte, the lowest first; the highest bit says that more follow. At most 268,435,455. */
function variableInteger(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...variableInteger(value >>> 7)];
}

const LONGEST_LENGTH_BYTES = 4;

/** The length of a whole packet by its header of at least two bytes; `longer`: the header goes on; null: it goes on for too long. */
export function packetSize(header: Uint8Array): number | 'longer' | null {
  const length = header.subarray(1);
  if ((length.at(-1) ?? 0) > 0x7f) return length.length < LONGEST_LENGTH_BYTES ? 'longer' : null;
  return header.length + length.reduce((sum, byte, at) => sum + (byte & 0x7f) * 0x80 ** at, 0);
}

/** What stands behind the header of a whole packet. */
export function packetBody(packet: Uint8Array): ByteReader {
  const reader = new ByteReader(packet);
  reader.uint8();
  while ((reader.uint8() ?? 0) > 0x7f);
  return reader;
}

/** How a property of version 5 is read, by its number: those that CONNACK may have (2.2.2.2). */
const PROPERTY_SIZES: Readonly<Record<number, number | 'text' | 'two texts'>> = {
  0x11: 4,
  0x12: 'text',
  0x13: 2,
  0x15: 'text',
  0x16: 'text', // bytes, with the same length in front
  0x1a: 'text',
  0x1c: 'text',
  0x1f: 'text',
  0x21: 2,
  0x22: 2,
  0x24: 1,
  0x25: 1,
  0x26: 'two texts',
  0x27: 4,
  0x28: 1,
  0x29: 1,
  0x2a: 1,
};
const SERVER_KEEP_ALIVE = 0x13;

/**
 * The keepalive that the server wants in place of ours, in seconds; null: it takes ours. Read from the properties of a CONNACK of
 * version 5, which begin with their length; what is no property ends the reading.
 */
export function serverKeepAlive(properties: ByteReader): number | null {
  while ((properties.uint8() ?? 0) > 0x7f);
  while (properties.left > 0) {
    const property = properties.uint8() ?? 0;
    if (property === SERVER_KEEP_ALIVE) return properties.uint16();
    const size = PROPERTY_SIZES[property];
    if (size === undefined) return null;
    const isSkipped =
      typeof size === 'number'
        ? properties.take(size) !== null
        : skipText(properties) && (size === 'text' || skipText(properties));
    if (!isSkipped) return null;
  }
  return null;
}

function skipText(reader: ByteReader): boolean {
  const length = reader.uint16();
  return length !== null && reader.take(length) !== null;
}
