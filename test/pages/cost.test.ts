import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { incidentEvent } from '../support/sample-finrst-events.ts';
import { ask } from '../support/web-under-test.ts';
import { CHROMIUM, DESKTOP, launchChromium } from './browser-under-test.ts';
import type { Turns } from './large-fleet-worker.ts';

const PEER = '/peer?group=group-0&peer=redis-14994.payments.svc.cluster.local:6379';
const PATHS = {
  'all peers': '/',
  'a search': '/?q=redis-77',
  'a list of 200': '/?view=all&sort=error&limit=200',
  'a list by name': '/?view=all&sort=name&order=asc',
  'seven days': '/?range=7d',
  'a peer': PEER,
  'an incident of all peers': `/incidents/${incidentEvent.id}`,
  incidents: '/incidents',
};
/** What a turn of the event loop may take: nothing holds it longer. */
const LONGEST_TURN_MS = 5;
const TIMES = 25;

type Served = AsyncDisposable & { readonly address: string; readonly look: () => Promise<Turns> };

/** A server that has answered nothing yet. */
async function serve(): Promise<Served> {
  const worker = new Worker(new URL('large-fleet-worker.ts', import.meta.url));
  const [address] = (await once(worker, 'message')) as [string];
  const look = async (): Promise<Turns> => {
    const answer = once(worker, 'message') as Promise<[Turns]>;
    worker.postMessage('look');
    return (await answer)[0];
  };
  return { address, look, [Symbol.asyncDispose]: async () => void (await worker.terminate()) };
}

const middle = (numbers: readonly number[]): number =>
  numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;

describe('pages of 15,000 peers', () => {
  test.each(Object.entries(PATHS))('%s is made in turns of a few milliseconds', async (name, path) => {
    await using served = await serve();
    const turns: Turns[] = [];
    const took: number[] = [];
    for (let index = 0; index < TIMES; index++) {
      await served.look();
      const began = performance.now();
      expect((await ask(served.address, path, { headers: { 'Accept-Encoding': 'gzip' } })).status).toBe(200);
      took.push(performance.now() - began);
      turns.push(await served.look());
    }
    const [first] = turns;
    const later = turns.slice(1);
    const [cpu, wall] = [middle(later.map(({ cpuMs }) => cpuMs)), middle(later.map(({ wallMs }) => wallMs))];
    const figures = `longest turn: first ${first?.cpuMs.toFixed(1)} ms of CPU, ${first?.wallMs.toFixed(1)} ms; median of ${later.length} ${cpu.toFixed(1)} ms of CPU, ${wall.toFixed(1)} ms`;
    console.log(
      `${name}: ${figures}; whole answer ${took[0]?.toFixed(0)} ms, then ${middle(took.slice(1)).toFixed(0)} ms`,
    );
    expect(Math.min(cpu, wall)).toBeLessThan(LONGEST_TURN_MS);
  });

  describe.skipIf(CHROMIUM === null)('in Chromium', () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launchChromium();
    });
    afterAll(() => browser?.close());

    test.each(['/', '/?q=redis-77'])('%s has its first content within a second', async (path) => {
      await using served = await serve();
      const painted: number[] = [];
      for (let index = 0; index < 3; index++) {
        const context = await browser.newContext(DESKTOP);
        const page = await context.newPage();
        await page.goto(`http://${served.address}${path}`);
        const entry = await page.waitForFunction(
          () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
        );
        painted.push((await entry.jsonValue()) ?? Infinity);
        expect(await page.locator('tr[data-peer]').count()).toBe(40);
        await context.close();
      }
      console.log(`${path}: first contentful paint after ${painted.map((ms) => ms.toFixed(0)).join(', ')} ms`);
      expect(middle(painted)).toBeLessThan(1000);
    });
  });
});
