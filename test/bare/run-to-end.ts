import { type SpawnOptions, spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { onTestFinished } from 'vitest';

/** How a program ended, and all that it printed, without colours. */
export type Finished = { readonly status: number | null; readonly output: string };

/** Runs a program; it is killed when the test ends before it does. Its output is this process's too. */
export async function runToEnd(file: string, args: readonly string[], options: SpawnOptions): Promise<Finished> {
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const pieces: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (piece: Buffer) => {
      pieces.push(piece);
      process.stdout.write(piece);
    });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { status, output: stripVTControlCharacters(Buffer.concat(pieces).toString()) };
}
