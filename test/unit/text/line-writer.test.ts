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
    /** The kernel took all, and the stream has not reported it yet. */
    empty() {
      waiting = 0;
    },
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

test('a line that fills what may wait to the last byte is kept, the next one is not', () => {
  const output = slowOutput();
  const write = createLineWriter(output, (dropped) => `dropped ${dropped}`, 10);
  write('123'); // four bytes with its newline
  write('123456');
  write('');
  expect(output.written).toEqual(['123\n', '123456\n']);
});

test('a gap is reported before the next line where nothing waits any more and no drain came', () => {
  const output = slowOutput();
  const write = createLineWriter(output, (dropped) => `dropped ${dropped}`, 10);
  write('123456');
  write('too long by far');
  output.empty();
  write('x');
  output.drain();
  expect(output.written).toEqual(['123456\n', 'dropped 1\n', 'x\n']);
});

test('about a mebibyte may wait where nothing else is said', () => {
  const output = slowOutput();
  const write = createLineWriter(output, (dropped) => `dropped ${dropped}`);
  const line = 'x'.repeat(1023);
  for (let count = 0; count < 1100; count += 1) write(line);
  output.drain();
  expect(output.written).toHaveLength(1025);
  expect(output.written.at(-1)).toBe('dropped 76\n');
});
