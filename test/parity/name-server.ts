import { execFile, execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { promisify } from 'node:util';

/**
 * Runs in network and mount namespaces of its own (`unshare -mn node name-server.ts RESOLV_CONF REQUEST`): a name server on
 * 127.0.0.1:53 with the records of the request, and programs that ask it, one after the other. Prints what they print, as a
 * JSON list.
 */
export type NameServerRequest = {
  readonly records: readonly DnsTestRecord[];
  readonly commands: readonly (readonly string[])[];
};

export type DnsTestRecord =
  | { readonly name: string; readonly type: 'A' | 'AAAA'; readonly address: string }
  | { readonly name: string; readonly type: 'SRV'; readonly target: string; readonly port: number };

const TYPES = { A: 1, AAAA: 28, SRV: 33 };
const TYPE_OPT = 41;
const [NO_ERROR, NXDOMAIN] = [0x8580, 0x8583]; // responses of an authority, recursion available

const [resolvConf = '', request = ''] = process.argv.slice(2);
const { records, commands } = JSON.parse(request) as NameServerRequest;
execFileSync('ip', ['link', 'set', 'lo', 'up']);
execFileSync('mount', ['--bind', resolvConf, '/etc/resolv.conf']);
const socket = createSocket('udp4');
socket.on('message', (question, from) => socket.send(answerTo(question), from.port, from.address));
socket.bind(53, '127.0.0.1');
await once(socket, 'listening');
const outputs: string[] = [];
for (const [program = '', ...args] of commands) {
  outputs.push((await promisify(execFile)(program, args, { maxBuffer: 1 << 26 })).stdout);
}
process.stdout.write(JSON.stringify(outputs));
socket.close();

/** RFC 1035, 4.1; names are not compressed. */
function answerTo(question: Buffer): Buffer {
  const labels: string[] = [];
  let at = 12;
  for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
    labels.push(question.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const name = labels.join('.').toLowerCase();
  const type = question.readUInt16BE(at + 1);
  const known = records.filter((record) => record.name === name);
  const found = known.filter((record) => TYPES[record.type] === type);
  const header = Buffer.from(question.subarray(0, 12));
  header.writeUInt16BE(known.length === 0 ? NXDOMAIN : NO_ERROR, 2);
  header.writeUInt16BE(found.length, 6);
  header.writeUInt16BE(0, 8);
  header.writeUInt16BE(question.readUInt16BE(10) > 0 ? 1 : 0, 10);
  // Who sends EDNS wants it back.
  const edns =
    question.readUInt16BE(10) > 0 ? Buffer.from([0, 0, TYPE_OPT, 0x10, 0, 0, 0, 0, 0, 0, 0]) : Buffer.alloc(0);
  return Buffer.concat([header, question.subarray(12, at + 5), ...found.map(recordBytes), edns]);
}

function recordBytes(record: DnsTestRecord): Buffer {
  const data = dataOf(record);
  const rest = Buffer.alloc(10);
  rest.writeUInt16BE(TYPES[record.type], 0);
  rest.writeUInt16BE(1, 2);
  rest.writeUInt32BE(60, 4);
  rest.writeUInt16BE(data.length, 8);
  return Buffer.concat([nameBytes(record.name), rest, data]);
}

function dataOf(record: DnsTestRecord): Buffer {
  switch (record.type) {
    case 'A':
      return Buffer.from(record.address.split('.').map(Number));
    case 'AAAA':
      // Written out in full: eight groups.
      return Buffer.from(
        record.address
          .split(':')
          .map((group) => group.padStart(4, '0'))
          .join(''),
        'hex',
      );
    case 'SRV':
      return Buffer.concat([Buffer.from([0, 1, 0, 1, record.port >> 8, record.port & 0xff]), nameBytes(record.target)]);
  }
}

function nameBytes(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([
    ...labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.from([0]),
  ]);
}
