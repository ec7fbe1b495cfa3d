import { parentPort } from 'node:worker_threads';
import bcrypt from 'bcryptjs';
import type { Comparison } from './bcrypt-thread.ts';

/** Runs in a thread of its own: one comparison is 60 ms or more of pure computation. */
parentPort?.on('message', ({ password, hash, padding }: Comparison) => {
  const equal = bcrypt.compareSync(password, hash);
  if (!equal) for (const more of padding) bcrypt.compareSync(password, more);
  parentPort?.postMessage(equal);
});
