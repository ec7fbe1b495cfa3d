import type { Goodbye, SaidGoodbye } from '../../domain/goodbye.ts';
import { type ByteReader, utf8 } from '../byte-reader.ts';

/** https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf, 1.2; 403 is a refused login, too, where the client asked for it. */
const BY_CODE: Readonly<Record<number, Goodbye>> = {
  200: 'going_away', // no fault of anybody
  320: 'admin_shutdown', // an operator, or a stop
  402: 'not_found', // no such virtual host
  403: 'auth_failed',
  404: 'not_found',
  405: 'forbidden', // locked by another one
  406: 'forbidden', // a precondition of the server
  501: 'protocol_error', // a broken frame
  502: 'protocol_error', // a broken value
  503: 'protocol_error', // an unknown method
  504: 'protocol_error', // a channel that is not open
  505: 'protocol_error', // a frame out of order
  506: 'overloaded', // no resources
  540: 'protocol_error', // not implemented
  541: 'server_error',
};

/** RabbitMQ has one code for what a login may not do; its texts are not translated, and names in them come before these ends. */
const NOT_ALLOWED = 530;
const OF_NOT_ALLOWED: readonly (readonly [RegExp, Goodbye])[] = [
  [/ limit \(\d+\) is reached$/, 'too_many_connections'],
  [/ not found$/, 'not_found'],
  [/ is down$/, 'not_ready'],
];

/** Everything that an end can mean. */
export const AMQP_GOODBYES: readonly Goodbye[] = [
  ...new Set<Goodbye>([
    ...Object.values(BY_CODE),
    ...OF_NOT_ALLOWED.map(([, goodbye]) => goodbye),
    'auth_method', // no PLAIN
    'other',
  ]),
];

/** Reads the reply code and the text that `connection.close` and `channel.close` begin with. */
export function readAmqpClose(reader: ByteReader): SaidGoodbye {
  const code = reader.uint16();
  const text = utf8(reader.take(reader.uint8() ?? 0) ?? new Uint8Array());
  if (code === null) return { goodbye: 'other' };
  const said = code === NOT_ALLOWED ? ofNotAllowed(text) : BY_CODE[code];
  return { goodbye: said ?? 'other', goodbyeCode: String(code) };
}

function ofNotAllowed(text: string): Goodbye {
  return OF_NOT_ALLOWED.find(([pattern]) => pattern.test(text))?.[1] ?? 'forbidden';
}
