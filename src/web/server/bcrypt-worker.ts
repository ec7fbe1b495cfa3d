import { parentPort } from 'node:worker_threads';
import bcrypt from 'bcryptjs';

/** Runs in a thread of its own: one comparison is 60 ms or more of pure computation. */
parentPort?.on('message', ({ password, hash }: { readonly password: string; readonly hash: string }) => {
  parentPort?.postMessage(bcrypt.compareSync(password, hash));
});
