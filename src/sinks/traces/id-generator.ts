import type { IdGenerator } from '@opentelemetry/sdk-trace';

/** Trace and span ids from the injected chance. Never all zero: that means "no id". */
export function createIdGenerator(random: () => number): IdGenerator {
  const bytes = Buffer.alloc(16);
  const draw = (length: 8 | 16) => {
    for (let at = 0; at < length; at += 4) bytes.writeUInt32BE(Math.floor(random() * 2 ** 32), at);
    if (bytes.subarray(0, length).every((byte) => byte === 0)) bytes[length - 1] = 1;
    return bytes.toString('hex', 0, length);
  };
  return { generateTraceId: () => draw(16), generateSpanId: () => draw(8) };
}
