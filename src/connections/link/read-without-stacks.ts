/** What libuv's handle calls for each read: bytes, an end or an error. */
export type OnRead = (this: unknown, bytes?: ArrayBuffer) => unknown;

/** By what they stand for; the runtime has one for all sockets. */
const withoutStacks = new WeakMap<OnRead, OnRead>();
let usualLimit = Error.stackTraceLimit;

/**
 * Lets errors that the runtime makes of a read of this handle have no stack. A reset costs the runtime 28 microseconds in a
 * storm, 20 of them for a stack that nobody reads (measured on Node.js 24.21): it names two functions of the runtime. What
 * our own code does in a read calls `restoreStacks` first, so that a bug is reported with its stack.
 */
export function readWithoutStacks(handle: { onread?: OnRead } | null | undefined): void {
  const readOfRuntime = handle?.onread;
  if (!handle || typeof readOfRuntime !== 'function') return;
  const read = withoutStacks.get(readOfRuntime) ?? readInstead(readOfRuntime);
  withoutStacks.set(readOfRuntime, read);
  handle.onread = read;
}

/** From here on errors have their stacks. */
export function restoreStacks(): void {
  Error.stackTraceLimit = usualLimit;
}

function readInstead(readOfRuntime: OnRead): OnRead {
  return function read(this: unknown, bytes?: ArrayBuffer): unknown {
    usualLimit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return readOfRuntime.call(this, bytes);
    } finally {
      Error.stackTraceLimit = usualLimit;
    }
  };
}
