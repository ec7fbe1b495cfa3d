import { afterEach, expect, test } from 'vitest';
import { type OnRead, readWithoutStacks, restoreStacks } from '../../../../src/connections/link/read-without-stacks.ts';

const usual = Error.stackTraceLimit;
afterEach(() => {
  job = () => undefined;
  expect(Error.stackTraceLimit).toBe(usual);
});

const framesOf = (error: Error): number => (error.stack ?? '').split('\n').length - 1;

/** What the runtime does with a read: it makes an error, then calls what of our own is in `job`. */
let job: () => void = () => undefined;
let made: Error | null = null;
const readOfRuntime: OnRead = function (this: unknown, bytes) {
  made = new Error('read ECONNRESET');
  job();
  return [this, bytes];
};

function handleThatReads(): { onread?: OnRead } {
  const handle: { onread?: OnRead } = { onread: readOfRuntime };
  readWithoutStacks(handle);
  return handle;
}

test('an error of the runtime has no stack; the read gets its handle and its bytes, and its answer is handed on', () => {
  const handle = handleThatReads();
  const bytes = new ArrayBuffer(1);
  expect(handle.onread?.(bytes)).toEqual([handle, bytes]);
  expect(made && framesOf(made)).toBe(0);
});

test('an error of ours has its stack, once stacks are restored', () => {
  const handle = handleThatReads();
  let ours = 0;
  job = () => {
    restoreStacks();
    ours = framesOf(new Error('a bug'));
  };
  handle.onread?.();
  expect(ours).toBeGreaterThan(1);
});

test('what is thrown in a read is thrown on, and stacks are restored', () => {
  const handle = handleThatReads();
  job = () => {
    throw new TypeError('a bug');
  };
  expect(() => handle.onread?.()).toThrow('a bug');
});

test('a handle without a read is left alone, and all handles of the runtime share one function', () => {
  const handle: { onread?: OnRead } = {};
  readWithoutStacks(handle);
  expect(handle).not.toHaveProperty('onread');
  expect(() => readWithoutStacks(null)).not.toThrow();
  expect(handleThatReads().onread).toBe(handleThatReads().onread);
});
