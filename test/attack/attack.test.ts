import { expect, test } from 'vitest';
import { broken, lineOf } from './judge.ts';
import { runAttacks } from './run-attacks.ts';

test('under attack over HTTP and TLS ends are seen in time, probes and scrapes answered, memory is bounded', async () => {
  const lines: string[] = [];
  const run = await runAttacks({ seconds: 4, keepAliveRequests: 2000, onPhase: (phase) => lines.push(lineOf(phase)) });
  expect(broken(run), lines.join('\n')).toEqual([]);
});
