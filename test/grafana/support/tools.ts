import { test } from 'vitest';
import { lackOf } from '../../deploy/lack-of.ts';

/** A test that needs programs. Without them it skips and names them; in CI nothing skips, so there it runs and fails. */
export function testWithTools(programs: readonly string[]): (name: string, run: () => void | Promise<void>) => void {
  const { skip, note } = lackOf(programs);
  return (name, run) => test.skipIf(skip)(`${name}${note}`, run);
}
