import { ByteReader } from '../byte-reader.ts';
import { joinBytes, uint32leBytes } from '../join-bytes.ts';
import { type BsonDocument, bsonDocument, readBson } from './bson.ts';

/** Length, number, number of the request that is answered, and the kind: OP_MSG. Behind it come flags and one section with the document. */
const OP_MSG = 2013;
/** All of it, with an empty document. */
export const SHORTEST_MESSAGE = 26;

/** Which message it is: its own number, and that of the request that it answers; 0: of none. */
export type MessageNumbers = { readonly number: number; readonly answers: number };

/** A command to one database, or the answer to it. */
export function opMsg({ number, answers }: MessageNumbers, document: BsonDocument): Uint8Array {
  const flags = 0;
  const section = 0;
  const rest = [number, answers, OP_MSG, flags].flatMap(uint32leBytes);
  const body = joinBytes(rest, [section], bsonDocument(document));
  return joinBytes(uint32leBytes(4 + body.length), body);
}

/** What an answer says. */
export type Reply = {
  /** The number of the request. */
  readonly answers: number;
  readonly isOk: boolean;
  /** Of an error; null: it has none. */
  readonly code: number | null;
  /** Of a login. */
  readonly conversation: number;
  readonly payload: Uint8Array;
  readonly isDone: boolean;
};

/** Null: it is no answer. */
export function readReply(bytes: Uint8Array): Reply | null {
  const reader = new ByteReader(bytes);
  reader.take(8); // length and number
  const answers = reader.uint32le();
  const isMessage = reader.uint32le() === OP_MSG && reader.take(4) !== null && reader.uint8() === 0;
  const fields = isMessage ? readBson(reader.rest(), ['ok', 'code', 'conversationId', 'payload', 'done']) : null;
  if (answers === null || fields === null) return null;
  const numberOf = (name: string): number | null => {
    const value = fields.get(name);
    return typeof value === 'number' ? value : null;
  };
  const payload = fields.get('payload');
  return {
    answers,
    isOk: numberOf('ok') === 1,
    code: numberOf('code'),
    conversation: numberOf('conversationId') ?? 0,
    payload: payload instanceof Uint8Array ? payload : new Uint8Array(),
    isDone: numberOf('done') === 1,
  };
}
