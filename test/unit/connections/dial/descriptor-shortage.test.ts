import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { descriptorShortage } from '../../../../src/connections/dial/descriptor-shortage.ts';

test('a process that has a descriptor left has no shortage', () => {
  expect(descriptorShortage()).toBeNull();
});

test('a look-up without a descriptor fails by its name, not as a broken resolver', () => {
  const source = (name: string): string => new URL(`../../../../src/${name}`, import.meta.url).href;
  const program = `
    import { openSync } from 'node:fs';
    import { systemClock } from '${source('clock/system-clock.ts')}';
    import { createNameLookup } from '${source('connections/dial/name-lookup.ts')}';
    const lookup = createNameLookup({ clock: systemClock, places: 2 });
    try { for (;;) openSync('/dev/null', 'r'); } catch {}
    lookup('no-such-name.invalid', 'any', (answer) => console.log(JSON.stringify(answer)));
  `;
  const node = [process.execPath, '--input-type=module', '-e', program];
  const printed = execFileSync('sh', ['-c', 'ulimit -n 64; exec "$0" "$@"', ...node], { encoding: 'utf8' });
  expect(JSON.parse(printed)).toEqual({ kind: 'failed', code: 'EMFILE' });
});
