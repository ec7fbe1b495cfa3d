import { ByteReader } from '../protocols/byte-reader.ts';
import { cqlFrame, OPCODE, readCqlFrame, VERSION } from '../protocols/cassandra/cql-frames.ts';
import { joinBytes, uint16Bytes, uint32Bytes } from '../protocols/join-bytes.ts';
import type { BsonDocument } from '../protocols/mongodb/bson.ts';
import { opMsg } from '../protocols/mongodb/op-msg.ts';
import { record } from '../protocols/zookeeper/zookeeper-records.ts';
import type { DemoConnection, DemoPeer } from './demo-peer.ts';

const SESSION_MS = 4000;

/** Peers that speak just enough of a store's protocol to be held, and to end as that store does. */
export const STORE_PEERS: readonly DemoPeer[] = [
  {
    group: 'zookeeper-expires',
    does: 'ZooKeeper: lets a silent session expire after 4 s (heartbeat: false), without a word',
    expected: 'eof/fin',
    settings: ['protocol: zookeeper', 'heartbeat: false'],
    serve: zookeeperThatExpires,
  },
  {
    group: 'cassandra-overloaded',
    does: 'Cassandra: answers the first request with an error, it is overloaded (0x1001)',
    expected: 'protocol/rejected',
    settings: ['protocol: cassandra'],
    serve: cassandraThatIsOverloaded,
  },
  {
    group: 'mongodb-stops',
    does: 'MongoDB: answers the first ping after 3 s with the error of a stop (11600), and closes',
    expected: 'eof/fin',
    settings: ['protocol: mongodb', 'heartbeat: {interval: 1s, timeout: 900ms}'],
    serve: mongodbThatStops,
  },
];

// Each request of ours comes whole: it is short, and nothing else is on its way.

/** ConnectResponse: version 0, the timeout, a session, a password of 16 bytes, and not for reading alone. */
const CONNECTED = record([
  ...uint32Bytes(0),
  ...uint32Bytes(SESSION_MS),
  ...zeros(8),
  ...uint32Bytes(16),
  ...zeros(17),
]);
/** The number of each ping, a transaction, no error. */
const PONG = record([...uint32Bytes(-2), ...zeros(8), ...uint32Bytes(0)]);

function zookeeperThatExpires({ socket, after }: DemoConnection): void {
  let heard = 0;
  socket.on('data', () => {
    if (socket.writableEnded) return; // the farewell
    heard += 1;
    socket.write(heard === 1 ? CONNECTED : PONG);
    const heardBefore = heard;
    after(SESSION_MS, () => void (heard === heardBefore && socket.end()));
  });
}

function zeros(length: number): readonly number[] {
  return Array.from({ length }, () => 0);
}

const OVERLOADED = 0x1001;
const WHY = 'too many requests';
const OVERLOADED_ERROR = joinBytes(uint32Bytes(OVERLOADED), uint16Bytes(WHY.length), WHY);

function cassandraThatIsOverloaded({ socket }: DemoConnection): void {
  socket.on('data', (request) => {
    const { stream } = readCqlFrame(request);
    socket.write(cqlFrame({ version: VERSION.answer, stream, opcode: OPCODE.error }, OVERLOADED_ERROR));
  });
}

const INTERRUPTED_AT_SHUTDOWN = 11_600;

function mongodbThatStops({ socket, after }: DemoConnection): void {
  let isStopping = false;
  after(3000, () => (isStopping = true));
  socket.on('data', (request) => {
    if (socket.writableEnded) return;
    if (isStopping) socket.end(mongodbAnswer(request, { ok: 0, code: INTERRUPTED_AT_SHUTDOWN }));
    else socket.write(mongodbAnswer(request, { ok: 1 }));
  });
}

/** The number of a request stands behind its length. */
function mongodbAnswer(request: Uint8Array, document: BsonDocument): Uint8Array {
  const answers = new ByteReader(request.subarray(4)).uint32le() ?? 0;
  return opMsg({ number: 1, answers }, document);
}
