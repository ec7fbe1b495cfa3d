import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { scratchFolder } from './scratch.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** What V8 says of the functions of a file while the program starts and ends: how often each kind of event came. */
function functionEvents(ending: string): ReadonlyMap<string, number> {
  const log = join(scratchFolder(), 'v8.log');
  const flags = ['--log-function-events', '--no-logfile-per-isolate', `--logfile=${log}`];
  execFileSync(process.execPath, [...flags, MAIN, '--version']);
  const lines = readFileSync(log, 'latin1').split('\n');
  const script = lines.find((line) => line.startsWith('script-details,') && line.includes(ending))?.split(',')[1];
  const events = new Map<string, number>();
  for (const line of lines) {
    const [what, event = '', of] = line.split(',');
    if (what === 'function' && of === script) events.set(event, (events.get(event) ?? 0) + 1);
  }
  return events;
}

// The last two are loaded by commands as well.
test.each([
  ['/hold/held-connection.ts', 20],
  ['/sinks/metrics/group-series.ts', 10],
  ['/domain/find-limit.ts', 5],
  ['/explanations/connection-fields.ts', 5],
])('the functions of %s are compiled before the first of them is called: no end waits for it', (ending, functions) => {
  const events = functionEvents(ending);
  // V8 looks through a function that it leaves for later ("preparse").
  expect([...events.keys()].filter((event) => event.startsWith('preparse'))).toEqual([]);
  expect(events.get('full-parse')).toBeGreaterThan(functions);
});

test('a function of what is loaded later is left until it is called', () => {
  expect(functionEvents('/commands/explain.ts').get('preparse-resolution')).toBeGreaterThan(0);
});
