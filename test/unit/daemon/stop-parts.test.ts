import { expect, test } from 'vitest';
import type { Part } from '../../../src/daemon/part.ts';
import { stopParts } from '../../../src/daemon/stop-parts.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

test('parts stop in their order, and each gets what is left less what is kept for those behind it', async () => {
  const clock = createFakeClock();
  const asked: string[] = [];
  const part = (name: string, takesMs: number, rest: Partial<Part> = {}): Part => ({
    name,
    async stop(deadlineMs) {
      asked.push(`${name} ${deadlineMs}`);
      clock.advance(takesMs);
      return { lost: 0 };
    },
    ...rest,
  });
  const parts = [part('fleet', 2000), part('traces', 9000), part('web', 250, { stopMs: 250 }), part('rest', 0)];
  await stopParts(parts, { clock, timeoutMs: 10_250, onLost: () => {} });
  expect(asked).toEqual(['fleet 10000', 'traces 8000', 'web 250', 'rest 0']);
});

test('what a part lost is reported before the next one stops', async () => {
  const steps: string[] = [];
  const part = (name: string, lost: number): Part => ({
    name,
    async stop() {
      steps.push(`stop ${name}`);
      return { lost };
    },
  });
  await stopParts([part('traces', 3), part('web', 0), part('journal', 1)], {
    clock: createFakeClock(),
    timeoutMs: 1000,
    onLost: ({ name }, lost) => steps.push(`${name} lost ${lost}`),
  });
  expect(steps).toEqual(['stop traces', 'traces lost 3', 'stop web', 'stop journal', 'journal lost 1']);
});
