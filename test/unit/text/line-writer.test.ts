import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { createLineWriter } from '../../../src/text/line-writer.ts';

/** A stream whose reader takes nothing until told. */
function slowOutput() {
  const drained = new EventEmitter();
  const written: string[] = [];
  let waiting = 0;
  return {
    written,
    write(text: string) {
      written.push(text);
      waiting += text.length;
      return false;
    },
    get writableLength() {
      return waiting;
    },
    on: (event: 'drain', listener: () => void) => drained.on(event, listener),
    drain() {
      waiting = 0;
      drained.emit('drain');
    },
  };
}

test('a reader that is away costs lines, not memory, and is told how many once it is back', () => {
  const output = slowOutput();
  const write = createLineWriter(output, (dropped) => `dropped ${dropped}`, 100);
  for (let line = 0; line < 50; line += 1) write('x'.repeat(9));
  expect(output.written).toHaveLength(10);
  expect(output.writableLength).toBeLessThanOrEqual(100);
  output.drain();
  write('again');
  expect(output.written.slice(10)).toEqual(['dropped 40\n', 'again\n']);
});

test('a short line does not slip into a gap', () => {
  const output = slowOutput();
  const write = createLineWriter(output, (dropped) => `dropped ${dropped}`, 10);
  write('123456');
  write('too long by far');
  write('x');
  expect(output.written).toEqual(['123456\n']);
  output.drain();
  expect(output.written).toEqual(['123456\n', 'dropped 2\n']);
});

test('a drain without a gap says nothing', () => {
  const output = slowOutput();
  const write = createLineWriter(output, (dropped) => `dropped ${dropped}`);
  write('one');
  output.drain();
  expect(output.written).toEqual(['one\n']);
});

test('a line longer than all that may wait goes alone, and the lines after it are not lost', () => {
  const output = slowOutput();
  const write = createLineWriter(output, (dropped) => `dropped ${dropped}`, 10);
  write('one');
  output.drain();
  write('a line of more than ten bytes');
  output.drain();
  write('b');
  expect(output.written).toEqual(['one\n', 'a line of more than ten bytes\n', 'b\n']);
});
