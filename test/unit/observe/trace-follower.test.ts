import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TraceFollower, type TraceFollowerOptions } from '../../../src/observe/trace-follower.ts';
import { PodNames } from '../../../src/os/proc/pod-names.ts';
import { readEventFormat } from '../../../src/os/tracefs/event-format.ts';
import { readPageLayout, readRingPage } from '../../../src/os/tracefs/ring-page.ts';
import { TRACE_EVENTS, TraceDecoder, type TraceFormats } from '../../../src/os/tracefs/trace-decoder.ts';
import { TCP_STATE, type TraceRecord } from '../../../src/os/tracefs/trace-record.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import recorded from '../../support/recorded-trace.json' with { type: 'json' };
import { temporaryFolder } from '../../support/temporary-folder.ts';

// What happens in which order when an address is new: lines are let in, then /proc is asked, and only then it counts as watched.

const READ_MS = 50;
const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

const texts: Readonly<Record<string, string>> = recorded.formats;
const formats = Object.fromEntries(
  Object.entries(TRACE_EVENTS).map(([kind, { path }]) => [kind, readEventFormat(texts[path] ?? '')]),
) as TraceFormats;
const layout = readPageLayout(recorded.headerPage)!;

/** Connects of one program to 127.0.0.1:15432, among others: each line of them, and all of them a page. */
const page = Buffer.from(recorded.pages[0] ?? '', 'hex');
const records: TraceRecord[] = [];
readRingPage(page, layout, (bytes, at, timeNs) => {
  const record = new TraceDecoder(formats).decode(bytes, at, timeNs);
  if (record?.kind === 'state') records.push(record);
});

/** A process with one established connection from each of these local ports to 10.0.0.2:5432 or 10.0.0.3:5432. */
function procWith(): { readonly proc: string; readonly connect: (localPort: number, remote: 2 | 3) => void } {
  const proc = temporaryFolder();
  const folder = join(proc, '77');
  for (const name of ['ns', 'net', 'fd']) mkdirSync(join(folder, name), { recursive: true });
  symlinkSync('net:[1]', join(folder, 'ns/net'));
  writeFileSync(join(folder, 'comm'), 'app\n');
  // Process ids are the host's. The program of the recorded lines is Finrst.
  mkdirSync(join(proc, 'self/ns'), { recursive: true });
  symlinkSync('pid:[4026531836]', join(proc, 'self/ns/pid'));
  for (const record of records) {
    const thread = join(proc, record.kind === 'state' ? String(record.threadId) : '');
    mkdirSync(thread, { recursive: true });
    writeFileSync(join(thread, 'status'), 'Tgid:\t88\n');
  }
  mkdirSync(join(proc, '88'));
  writeFileSync(join(proc, '88/comm'), 'finrst\n');
  const rows: string[] = [];
  const write = (): void => writeFileSync(join(folder, 'net/tcp'), HEAD + rows.join(''));
  write();
  return {
    proc,
    connect: (localPort, remote) => {
      const port = localPort.toString(16).toUpperCase().padStart(4, '0');
      const ends = `0100000A:${port} 0${remote}00000A:1538`;
      rows.push(
        `   0: ${ends} 01 00000000:00000000 00:00000000 00000000     0        0 ${localPort} 1 0 20 0 0 10 -1\n`,
      );
      write();
    },
  };
}

function follow(onPorts: (ports: readonly number[]) => void = () => {}) {
  const clock = createFakeClock();
  const { proc, connect } = procWith();
  const found: number[] = [];
  /** When a look at /proc found something. */
  const looks = new Set<number>();
  const pages: Buffer[] = [];
  const instance: TraceFollowerOptions['instance'] = {
    formats,
    layout,
    nowNs: () => records[0]!.timeNs,
    lostLines: () => 0,
    readPages: (onPage) => {
      for (const one of pages.splice(0)) onPage(one);
    },
    setPorts: onPorts,
  };
  const emit: TraceFollowerOptions['emit'] = (step) => {
    if (step.step !== 'found') return;
    found.push(step.socket.flow.localPort);
    looks.add(clock.monotonic());
  };
  const pods = new PodNames({ folders: [], now: () => clock.monotonic() });
  const follower = new TraceFollower({ instance, clock, proc, pods, emit });
  const change = (remote: 2 | 3): void =>
    follower.change([{ address: `10.0.0.${remote}`, port: 5432, peers: [`key ${remote}`] }]);
  const readOnce = (): void => {
    clock.advance(READ_MS);
    follower.read();
  };
  const readUntilWatching = (): number => {
    for (let reads = 1; reads <= 100; reads++) {
      readOnce();
      if (follower.isWatching) return reads;
    }
    throw new Error('it is never watching');
  };
  return { clock, follower, connect, found, looks, pages, change, readOnce, readUntilWatching };
}

test('without an address there is nothing to wait for', () => {
  expect(follow().follower.isWatching).toBe(true);
});

test('an address is watched when its connections from before were found, and those of the moment before lines come', () => {
  const watched = follow((ports) => {
    expect(ports).toEqual([5432]);
    // No line will tell of this one: it has to be in what is read of /proc.
    watched.connect(40_002, 2);
  });
  watched.connect(40_001, 2);
  watched.change(2);
  expect(watched.follower.isWatching).toBe(false);
  // Lines of what /proc showed may come for 100 ms.
  expect(watched.readUntilWatching()).toBeGreaterThan(2);
  expect(watched.found).toEqual([40_001, 40_002]);
});

test('one that is added while /proc is looked at waits for the next look', () => {
  const watched = follow();
  watched.change(2);
  watched.readOnce();
  watched.connect(40_003, 3);
  watched.change(3);
  watched.readUntilWatching();
  expect(watched.found).toEqual([40_003]);
});

test('one that is added later is watched after a look of its own, long before that of every minute', () => {
  const watched = follow();
  watched.change(2);
  watched.readUntilWatching();
  watched.connect(40_003, 3);
  watched.change(3);
  expect(watched.follower.isWatching).toBe(false);
  expect(watched.readUntilWatching()).toBeLessThan(20);
  expect(watched.found).toEqual([40_003]);
});

test('after a look there is a rest of its length', () => {
  const watched = follow();
  watched.change(2);
  // The first read begins it.
  const took = watched.readUntilWatching() - 1;
  watched.change(3);
  expect(watched.readUntilWatching()).toBeGreaterThanOrEqual(2 * took);
});

test('one that goes before it was looked for is not waited for', () => {
  const watched = follow();
  watched.change(2);
  watched.follower.change([{ address: '10.0.0.2', port: 5432, peers: [] }]);
  expect(watched.follower.isWatching).toBe(true);
});

const CONNECTS = { address: '127.0.0.1', port: 15_432, peers: ['key'] };
/** Longer than the recorded lines took, and shorter than a minute. */
const READS = 400;

/** The recorded lines as of another time, without those of the connects themselves: they came before the trace. */
function connectedAt(timeNs: number): Buffer {
  const copy = Buffer.from(page);
  copy.writeBigUInt64LE(BigInt(Math.round(timeNs)), layout.timestamp);
  const state = formats.state.fields.get('oldstate')!.offset;
  readRingPage(page, layout, (bytes, at, time) => {
    const record = new TraceDecoder(formats).decode(bytes, at, time);
    if (record?.kind === 'state' && record.from === TCP_STATE.close) copy.writeInt32LE(NO_STATE, at + state);
  });
  return copy;
}

const NO_STATE = 0;

test('one that began to connect before its address was watched is looked for when it is established', () => {
  const watched = follow();
  watched.follower.change([CONNECTS]);
  watched.change(2);
  watched.readOnce();
  // The look of the new addresses has read /proc by now.
  watched.connect(40_002, 2);
  watched.pages.push(connectedAt(watched.follower.nowNs));
  for (let reads = 0; reads < READS; reads++) watched.readOnce();
  expect(watched.found).toEqual([40_002]);
});

test('connects of Finrst itself make it look for nothing', () => {
  const watched = follow();
  watched.follower.change([CONNECTS]);
  watched.change(2);
  watched.readUntilWatching();
  watched.pages.push(page);
  watched.connect(40_002, 2);
  for (let reads = 0; reads < READS; reads++) watched.readOnce();
  expect(watched.found).toEqual([]);
});

test('where they go on and on there is one look a second, and none is forgotten', () => {
  const watched = follow();
  watched.follower.change([CONNECTS]);
  watched.change(2);
  watched.readUntilWatching();
  const began = watched.clock.monotonic();
  const ports = Array.from({ length: 200 }, (_, index) => 40_001 + index);
  for (const port of ports) {
    watched.connect(port, 2);
    watched.pages.push(connectedAt(watched.follower.nowNs));
    watched.readOnce();
  }
  const seconds = (watched.clock.monotonic() - began) / 1000;
  for (let reads = 0; reads < READS; reads++) watched.readOnce();
  expect(watched.found).toEqual(ports);
  // Two are left of the three at once, and one is for the last.
  expect(watched.looks.size).toBeLessThanOrEqual(seconds + 3);
  expect(watched.looks.size).toBeGreaterThanOrEqual(seconds);
});

test('one that was established before a look at /proc began makes for no second one', () => {
  const watched = follow();
  watched.follower.change([CONNECTS]);
  watched.change(2);
  watched.readOnce();
  // The look has begun, and the lines from before it come only now.
  watched.pages.push(connectedAt(watched.follower.nowNs - 1e9));
  watched.connect(40_002, 2);
  for (let reads = 0; reads < READS; reads++) watched.readOnce();
  expect(watched.found).toEqual([]);
});
