import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Ends a process and resolves when it is gone. */
export async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const left = once(child, 'exit');
  child.kill('SIGKILL');
  await left;
}

/** Resolves with the first output of a process that says when it is ready; rejects when it leaves before. */
export function announced(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.stdout!.once('data', (data: Buffer) => resolve(data.toString()));
  child.once('exit', (code, signal) => reject(new Error(`${child.spawnargs.join(' ')} left with ${code ?? signal}`)));
  return promise;
}
