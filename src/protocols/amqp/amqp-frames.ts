import { joinBytes, uint16Bytes, uint32Bytes } from '../join-bytes.ts';

/** Type, channel, length. https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf, 4.2.3 */
export const HEADER_BYTES = 7;
/** The byte behind each payload. */
export const FRAME_END = 0xce;
/** Types of frames; those that carry messages are `header` and `body`. */
export const FRAME = { method: 1, header: 2, body: 3, heartbeat: 8 } as const;
/** The channel that heartbeats use. */
export const CHANNEL = 1;
/** The least that every peer has to take. Nothing larger comes once it was agreed on. */
export const LONGEST_FRAME = 4096;

/** Methods by class and number. */
export const METHOD = {
  start: '10.10',
  tune: '10.30',
  openOk: '10.41',
  close: '10.50',
  closeOk: '10.51',
  channelOpenOk: '20.11',
  channelClose: '20.40',
  qosOk: '60.11',
} as const;

/** What a client says first: version 0-9-1. A server that does not speak it answers with its own. */
export const PROTOCOL_HEADER = joinBytes('AMQP', [0, 0, 9, 1]);

/** connection.close-ok. */
export const CLOSE_OK = method(0, [10, 51]);
/** connection.close, for no reason but our own. */
export const CLOSE = method(0, [10, 50], uint16Bytes(200), shortText('finrst closes'), [0, 0, 0, 0]);
/** channel.open. */
export const CHANNEL_OPEN = method(CHANNEL, [20, 10], shortText(''));
/** channel.close-ok. */
export const CHANNEL_CLOSE_OK = method(CHANNEL, [20, 41]);
/** basic.qos without a limit: what a channel has anyway. It needs no permission, changes nothing, and is answered. */
export const QOS = method(CHANNEL, [60, 10], uint32Bytes(0), uint16Bytes(0), [0]);

/**
 * What we are, and the two things that servers do only where the client says that it knows them: 403 for a refused login in
 * place of silence, and a notice instead of nothing when they take no more messages.
 */
const PROPERTIES = table(
  field('product', 'S', longText('finrst')),
  field('connection_name', 'S', longText('finrst')),
  field(
    'capabilities',
    'F',
    table(field('authentication_failure_close', 't', [1]), field('connection.blocked', 't', [1])),
  ),
);

/** connection.start-ok with the method PLAIN (RFC 4616). */
export function startOk(username: string, password: string): Uint8Array {
  const response = longText(`\0${username}\0${password}`);
  return method(0, [10, 11], PROPERTIES, shortText('PLAIN'), response, shortText('en_US'));
}

/** connection.tune-ok and connection.open. */
export function tuneOkAndOpen(heartbeatSeconds: number, vhost: string): Uint8Array {
  const tuneOk = [...uint16Bytes(CHANNEL), ...uint32Bytes(LONGEST_FRAME), ...uint16Bytes(heartbeatSeconds)];
  return joinBytes(method(0, [10, 31], tuneOk), method(0, [10, 40], shortText(vhost), shortText(''), [0]));
}

function method(
  channel: number,
  [group, id]: readonly [number, number],
  ...rest: readonly (Uint8Array | readonly number[])[]
) {
  const payload = joinBytes([0, group, 0, id], ...rest);
  const header = [FRAME.method, ...uint16Bytes(channel), ...uint32Bytes(payload.length)];
  return joinBytes(header, payload, [FRAME_END]);
}

/** At most 255 bytes. */
function shortText(text: string): Uint8Array {
  const bytes = joinBytes(text);
  return joinBytes([bytes.length], bytes);
}

function longText(text: string): Uint8Array {
  return counted(joinBytes(text));
}

function field(name: string, type: 'S' | 'F' | 't', value: Uint8Array | number[]): Uint8Array {
  return joinBytes(shortText(name), type, value);
}

function table(...fields: readonly Uint8Array[]): Uint8Array {
  return counted(joinBytes(...fields));
}

function counted(bytes: Uint8Array): Uint8Array {
  return joinBytes(uint32Bytes(bytes.length), bytes);
}
