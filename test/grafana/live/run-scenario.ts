import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Recording } from './recording.ts';

/** Programs of the scripted run, and for the pictures. */
export const LIVE_TOOLS = ['prometheus', 'unshare', 'ip', 'mount', 'nft', 'openssl', 'chromium'] as const;

/**
 * Runs the scenario in namespaces of its own, which takes about 100 s, and returns the recording. Leaves the log of the
 * daemon and of Prometheus in `folder`. Rejects with what was said when the run failed.
 */
export async function runScenario(folder: string): Promise<Recording> {
  const record = fileURLToPath(new URL('record.ts', import.meta.url));
  const asRoot = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const child = spawn('unshare', [...asRoot, '--net', '--mount', process.execPath, record, folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the scripted run ended with ${String(code)}:\n${said}`);
  return JSON.parse(readFileSync(join(folder, 'recording.json'), 'utf8')) as Recording;
}
