import { expect, test } from 'vitest';
import { readEventFormat } from '../../../../src/os/tracefs/event-format.ts';
import { readPageLayout, readRingPage } from '../../../../src/os/tracefs/ring-page.ts';
import {
  missingField,
  TRACE_EVENTS,
  TraceDecoder,
  type TraceFormats,
} from '../../../../src/os/tracefs/trace-decoder.ts';
import type { TraceRecord } from '../../../../src/os/tracefs/trace-record.ts';
import recorded from '../../../support/recorded-trace.json' with { type: 'json' };

// Recorded on Linux 6.18, x86-64: a client that binds its own address, of 127.0.0.1 from 127.0.0.5 and then of ::1, which the peer closes, resets and refuses.

const texts: Readonly<Record<string, string>> = recorded.formats;

const formats = Object.fromEntries(
  Object.entries(TRACE_EVENTS).map(([kind, { path }]) => [kind, readEventFormat(texts[path] ?? '')]),
) as TraceFormats;

const layout = readPageLayout(recorded.headerPage) ?? { timestamp: -1, commit: -1, data: -1 };

function decodeAll(page: Buffer): readonly TraceRecord[] {
  const decoder = new TraceDecoder(formats);
  const records: TraceRecord[] = [];
  readRingPage(page, layout, (bytes, at, timeNs) => {
    const record = decoder.decode(bytes, at, timeNs);
    if (record !== null) records.push(record);
  });
  return records;
}

function inWords(record: TraceRecord): string {
  switch (record.kind) {
    case 'state': {
      const { from, to, flow } = record;
      const port = flow.localPort === 0 ? 'unbound' : 'bound';
      return `${from}>${to} ${flow.localAddress} ${port} ${flow.remoteAddress}:${flow.remotePort}`;
    }
    case 'error':
      return `error ${record.errno} ${record.flow.remoteAddress}:${record.flow.remotePort}`;
    case 'resetReceived':
    case 'keepaliveReset':
    case 'retransmit':
      return record.kind;
  }
}

function page(): Buffer {
  return Buffer.from(recorded.pages[0] ?? '', 'hex');
}

/** What one client of an address sees, in the order of the kernel. */
function linesOf(local: string, address: string): readonly string[] {
  const open = [`7>2 ${local} bound ${address}:15432`, `2>1 ${local} bound ${address}:15432`];
  const finished = [`1>8`, '8>9', '9>7'].map((change) => `${change} ${local} bound ${address}:15432`);
  const reset = ['resetReceived', `1>7 ${local} bound ${address}:15432`, `error 104 ${address}:15432`];
  const refused = [
    `7>2 ${local} bound ${address}:15433`,
    'resetReceived',
    `2>7 ${local} bound ${address}:15433`,
    `error 111 ${address}:15433`,
  ];
  return [...open, ...finished, ...open, ...reset, ...refused];
}

test('a recorded page says what the kernel said, IPv4 and IPv6', () => {
  expect(
    decodeAll(page())
      .map(inWords)
      .filter((line) => !line.startsWith('error 0 ')),
  ).toEqual([...linesOf('127.0.0.5', '127.0.0.1'), ...linesOf('::1', '::1')]);
});

test('lines of one socket have one address, and their times only grow', () => {
  const records = decodeAll(page());
  const states = records.filter((record) => record.kind === 'state');
  expect(states[1]?.socket).toBe(states[0]?.socket);
  expect(states[0]?.threadId).toBeGreaterThan(0);
  const times = records.map(({ timeNs }) => timeNs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  // The capture took between a tenth of a second and ten.
  const took = (times.at(-1) ?? 0) - (times[0] ?? 0);
  expect(took).toBeGreaterThan(1e8);
  expect(took).toBeLessThan(1e10);
});

test('a page that is cut at any byte gives the lines before the cut and no others', () => {
  const whole = decodeAll(page()).map(inWords);
  for (let length = 0; length < page().length; length++) {
    const lines = decodeAll(page().subarray(0, length)).map(inWords);
    expect(lines).toEqual(whole.slice(0, lines.length));
  }
});

test('the flag of a page says that lines before it were lost', () => {
  const lossy = page();
  lossy.writeUInt32LE(lossy.readUInt32LE(layout.commit) + 2 ** 31, layout.commit);
  expect(readRingPage(page(), layout, () => undefined)).toBe(false);
  expect(readRingPage(lossy, layout, () => undefined)).toBe(true);
});

/** An entry with a length of its own: 4 bytes of header, 4 of length, then the bytes. */
function longEntry(delta: number, bytes: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(delta * 32, 0);
  head.writeUInt32LE(bytes.length + 4, 4);
  return Buffer.concat([head, bytes]);
}

function shortEntry(delta: number, words: number): Buffer {
  const entry = Buffer.alloc(4 + words * 4);
  entry.writeUInt32LE(delta * 32 + words, 0);
  return entry;
}

function special(type: number, delta: number, array: number): Buffer {
  const entry = Buffer.alloc(8);
  entry.writeUInt32LE(delta * 32 + type, 0);
  entry.writeUInt32LE(array, 4);
  return entry;
}

function pageOf(timestamp: bigint, entries: readonly Buffer[]): Buffer {
  const data = Buffer.concat(entries);
  const head = Buffer.alloc(16);
  head.writeBigUInt64LE(timestamp, 0);
  head.writeUInt32LE(data.length, 8);
  return Buffer.concat([head, data]);
}

function entriesOf(bytes: Buffer): readonly [number, number][] {
  const found: [number, number][] = [];
  readRingPage(bytes, { timestamp: 0, commit: 8, data: 16 }, (_page, at, timeNs) => found.push([at, timeNs]));
  return found;
}

test.each([
  ['a short entry', [shortEntry(5, 2)], [[20, 1005]]],
  ['an entry with a length of its own', [longEntry(7, Buffer.alloc(120))], [[24, 1007]]],
  ['more time than fits into an entry', [special(30, 3, 2), shortEntry(1, 1)], [[28, 1000 + 2 * 2 ** 27 + 4]]],
  ['an absolute time', [special(31, 9, 1), shortEntry(1, 1)], [[28, 2 ** 27 + 10]]],
  ['a removed entry', [special(29, 2, 12), Buffer.alloc(8), shortEntry(1, 1)], [[36, 1003]]],
  ['the end of what is used', [shortEntry(1, 1), special(29, 0, 8), shortEntry(1, 1)], [[20, 1001]]],
  ['an entry that is longer than the page', [shortEntry(1, 1), special(0, 1, 4000)], [[20, 1001]]],
  ['an entry without a length', [shortEntry(1, 1), special(0, 1, 0), shortEntry(1, 1)], [[20, 1001]]],
])('a page with %s', (_what, entries, found) => {
  expect(entriesOf(pageOf(1000n, entries))).toEqual(found);
});

test('an absolute time keeps the upper bits of the page', () => {
  const upper = 2n ** 60n;
  expect(entriesOf(pageOf(upper + 5n, [special(31, 9, 1), shortEntry(0, 1)]))).toEqual([[28, 2 ** 60 + 2 ** 27 + 9]]);
});

test('a field that a kernel does not have is named', () => {
  const { error } = formats;
  const fields = new Map(error.fields);
  fields.delete('daddr_v6');
  expect(missingField(formats)).toBeNull();
  expect(missingField({ ...formats, error: { ...error, fields } })).toBe('sock/inet_sk_error_report: daddr_v6');
});

test('other texts are no format and no layout', () => {
  expect(readEventFormat('name: x\n')).toBeNull();
  expect(readPageLayout('field: u64 timestamp;\toffset:0;\tsize:8;')).toBeNull();
});
