import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { GatheredOutput } from '../../../src/text/gathered-output.ts';

/** An output, and turns of the event loop that end when the test says so. */
function gathered() {
  const written: string[] = [];
  const drained = new EventEmitter();
  const output = {
    waiting: 0,
    write: (text: string) => (written.push(text), true),
    get writableLength() {
      return this.waiting;
    },
    on: (event: 'drain', listener: () => void) => drained.on(event, listener),
  };
  let ends: (() => void)[] = [];
  const clock = { afterPoll: (callback: () => void) => (ends.push(callback), { cancel: () => undefined }) };
  const endTurn = (): void => {
    const now = ends;
    ends = [];
    for (const end of now) end();
  };
  return { written, drained, output, endTurn, log: new GatheredOutput(output, clock), turnsAwaited: () => ends.length };
}

test('what is written in one turn goes out in one write at its end, in order', () => {
  const { written, log, endTurn } = gathered();
  log.write('one\n');
  log.write('two\n');
  expect(written).toEqual([]);
  endTurn();
  expect(written).toEqual(['one\ntwo\n']);
  log.write('three\n');
  endTurn();
  endTurn();
  expect(written).toEqual(['one\ntwo\n', 'three\n']);
});

test('what is flushed before the end of the process goes out at once, and only once', () => {
  const { written, log, endTurn } = gathered();
  log.write('last\n');
  log.flush();
  expect(written).toEqual(['last\n']);
  log.flush();
  endTurn();
  expect(written).toEqual(['last\n']);
});

test('64 KiB do not wait for the end of the turn, and what comes after them follows them', () => {
  const { written, log, endTurn, turnsAwaited } = gathered();
  const line = `${'x'.repeat(1023)}\n`;
  for (let i = 0; i < 63; i++) log.write(line);
  expect(written).toEqual([]);
  log.write(line);
  expect(written).toEqual([line.repeat(64)]);
  log.write('after\n');
  endTurn();
  expect(written).toEqual([line.repeat(64), 'after\n']);
  expect(turnsAwaited()).toBe(0);
});

test('what is gathered counts as waiting, so that the bound of the log holds', () => {
  const { log, output, endTurn } = gathered();
  output.waiting = 10;
  expect(log.write('four')).toBe(false);
  expect(log.writableLength).toBe(14);
  endTurn();
  expect(log.writableLength).toBe(10);
  output.waiting = 0;
  expect(log.write('x')).toBe(true);
});

test('a drain of the output is one of this, too', () => {
  const { log, drained } = gathered();
  let drains = 0;
  log.on('drain', () => drains++);
  drained.emit('drain');
  expect(drains).toBe(1);
});
