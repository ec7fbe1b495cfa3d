import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { onTestFinished, expect, test } from 'vitest';
import { systemClock } from '../../../src/clock/system-clock.ts';
import { addressNames } from '../../../src/daemon/address-names.ts';
import { createFakeClock, settled } from '../../support/fake-clock.ts';

const [PTR, A, AAAA] = [12, 1, 28];
const nameBytes = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.from([0]),
  ]);

/** A name server on loopback: the data of each `name type`; without any it does not answer. Counts the questions. */
async function resolverOf(records: Readonly<Record<string, Buffer>> | null) {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (question, from) => {
    const end = question.indexOf(0, 12) + 5;
    const labels: string[] = [];
    for (let at = 12; (question[at] ?? 0) > 0; at += 1 + (question[at] ?? 0))
      labels.push(question.toString('latin1', at + 1, at + 1 + (question[at] ?? 0)));
    const key = `${labels.join('.')} ${question.readUInt16BE(end - 4)}`;
    asked.push(key);
    if (records === null) return;
    const data = records[key];
    const header = Buffer.from([
      ...question.subarray(0, 2),
      0x85,
      data === undefined ? 0x83 : 0x80,
      0,
      1,
      0,
      data === undefined ? 0 : 1,
      0,
      0,
      0,
      0,
    ]);
    const answer =
      data === undefined ? [] : [0xc0, 12, 0, Number(key.split(' ')[1]), 0, 1, 0, 0, 0, 9, 0, data.length, ...data];
    socket.send(Buffer.concat([header, question.subarray(12, end), Buffer.from(answer)]), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  const resolver = new Resolver({ timeout: 10_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return { resolver, asked };
}

const none = { clock: systemClock, hostsText: '', forMs: 10_000 };

test('the hosts file comes first, and its first line with an address', async () => {
  const { resolver, asked } = await resolverOf({});
  const hostsText =
    '# 192.0.2.7 no\n192.0.2.7 db.example db # main\n192.0.2.7 other\n2001:DB8:0::1 six\n192.0.2.8 no/name\n127.0.0.1 localhost\n';
  const addresses = new Set(['192.0.2.7', '2001:db8::1', '192.0.2.8', '127.0.0.1', '127.0.0.5']);
  const names = await addressNames(addresses, { ...none, hostsText, resolver });
  expect([...names]).toEqual([
    ['192.0.2.7', 'db.example'],
    ['2001:db8::1', 'six'],
    ['127.0.0.1', 'localhost'],
  ]);
  expect(asked).toEqual([`8.2.0.192.in-addr.arpa ${PTR}`]);
});

test('DNS names an address only where the name leads back to it', async () => {
  const six = `${'1.0.0.0'}.${'0.'.repeat(20)}8.b.d.0.1.0.0.2.ip6.arpa`;
  const { resolver } = await resolverOf({
    [`7.2.0.192.in-addr.arpa ${PTR}`]: nameBytes('db.example'),
    [`db.example ${A}`]: Buffer.from([192, 0, 2, 7]),
    [`8.2.0.192.in-addr.arpa ${PTR}`]: nameBytes('db.example'),
    [`9.2.0.192.in-addr.arpa ${PTR}`]: nameBytes('b"ad#'),
    [`${six} ${PTR}`]: nameBytes('six.example'),
    [`six.example ${AAAA}`]: Buffer.from('20010db8000000000000000000000001', 'hex'),
  });
  const addresses = new Set(['192.0.2.7', '192.0.2.8', '192.0.2.9', '192.0.2.10', '2001:db8::1']);
  const names = await addressNames(addresses, { ...none, resolver });
  expect(Object.fromEntries(names)).toEqual({ '192.0.2.7': 'db.example', '2001:db8::1': 'six.example' });
});

test('what DNS does not answer in time has no name, and nothing more is asked', async () => {
  const { resolver, asked } = await resolverOf(null);
  const clock = createFakeClock();
  const addresses = new Set(Array.from({ length: 40 }, (_, index) => `192.0.2.${index}`));
  const named = addressNames(addresses, { clock, hostsText: '', resolver, forMs: 2000 });
  while (asked.length < 16) await settled();
  clock.advance(2000);
  expect([...(await named)]).toEqual([]);
  expect(asked).toHaveLength(16);
});
