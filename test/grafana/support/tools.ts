import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';

function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** The programs of the list that this machine lacks. */
export function missingTools(programs: readonly string[]): string[] {
  return programs.filter((program) => !isInstalled(program));
}

/** A test that needs programs. Without them it skips and names them; in CI nothing skips, so there it runs and fails. */
export function testWithTools(programs: readonly string[]): (name: string, run: () => void | Promise<void>) => void {
  const missing = missingTools(programs);
  if (missing.length === 0 || process.env['CI'] === 'true') return (name, run) => test(name, run);
  return (name, run) => test.skip(`${name} (needs ${missing.join(', ')})`, run);
}
