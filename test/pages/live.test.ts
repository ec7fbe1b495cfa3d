import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FinrstEvent } from '../../src/domain/events/finrst-event.ts';
import { connectedEvent, disconnectedEvent, observedConnectedEvent } from '../support/sample-finrst-events.ts';
import { readStream } from '../support/stream-reader.ts';
import { CHROMIUM, launchChromium, openPage, type Opened, type OpenOptions } from './browser-under-test.ts';

const { at } = connectedEvent;
const facts = { labels: {}, tls: false, expectsAnswer: false, canAnnounce: false, host: 'h', port: 1 };
const nameOf = (id: number): string => `peer-${id}.example:1`;
const peerOf = (id: number, peer = nameOf(id)) => ({ ...connectedEvent.peer, id, group: 'g', peer });

/** Peers that are all connected. */
const wellLife: readonly FinrstEvent[] = Array.from({ length: 60 }, (_, id) => joined(id)).flat();

function joined(id: number, peer = nameOf(id)): readonly FinrstEvent[] {
  return [
    { type: 'peerAdded', at: at - 60_000, peer: peerOf(id, peer), facts },
    { ...connectedEvent, peer: peerOf(id, peer), at: at - 50_000, connectionId: `c-${id}` },
    { type: 'stateEntered', at: at - 50_000, peer: peerOf(id, peer), from: 'handshaking', state: 'established' },
  ];
}

/** The connection of a peer ends. */
function end(opened: Opened, id: number, peer = nameOf(id)): void {
  publishEnd(opened, id, peer);
  opened.web.clock.advance(250);
}

function publishEnd({ web }: Opened, id: number, peer = nameOf(id)): void {
  const now = web.clock.now();
  web.publish({ ...disconnectedEvent, peer: peerOf(id, peer), at: now, connectionId: `c-${id}` });
  web.publish({ type: 'stateEntered', at: now, peer: peerOf(id, peer), from: 'established', state: 'backoff' });
}

/** Waits until the tabs of this browser read the stream, and the page was asked for again since. */
async function isLive({ web, page }: Opened): Promise<void> {
  await expect.poll(() => web.isFollowed(), { timeout: 5000 }).toBe(true);
  await page.locator('#live:text-is("live")').waitFor();
}

const headline = (page: Page, text: string, timeout = 5000): Promise<unknown> =>
  page.waitForFunction((wanted) => document.querySelector('h1')?.textContent?.includes(wanted), text, { timeout });

const rowOf = (page: Page, id: number) => page.locator('tr', { has: page.locator(`[title="${nameOf(id)}"]`) });

describe.skipIf(CHROMIUM === null)('an open page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());
  const open = (path: string, more: Partial<OpenOptions> = {}) =>
    openPage(browser, { path, events: wellLife, ...more });

  test('shows a fault within a second: in headline, figures, title and row, and says it to who listens', async () => {
    await using opened = await open('/', { overrides: { isRealTime: true } });
    const { page, problems } = opened;
    await isLive(opened);
    const took: number[] = [];
    // Each comes right after the page has changed for the one before: it waits longest then.
    for (const id of [3, 4, 5, 6, 7]) {
      const began = performance.now();
      publishEnd(opened, id);
      await headline(page, id === 3 ? '1 peer is down' : `${id - 2} peers are down`);
      took.push(performance.now() - began);
    }
    console.log(`faults are seen after ${took.map((ms) => ms.toFixed(0)).join(', ')} ms`);
    expect(took.toSorted((one, other) => one - other)[2]).toBeLessThan(1000);
    expect(await page.title()).toContain('5 down');
    expect(await page.locator('#said').textContent()).toContain('5 peers are down');
    expect(await page.locator('.fig .isdown').innerText()).toBe('5');
    expect(await rowOf(page, 7).locator('.c-state').innerText()).toContain('down');
    expect(problems).toEqual([]);
  });

  test('counts down to the next try of a peer, and ages go up', async () => {
    await using opened = await open('/');
    const { page, web } = opened;
    await isLive(opened);
    const now = web.clock.now();
    web.publish({ ...disconnectedEvent, peer: peerOf(3), at: now, connectionId: 'c-3', retryInMs: 60_000 });
    web.publish({ type: 'stateEntered', at: now, peer: peerOf(3), from: 'established', state: 'backoff' });
    web.clock.advance(250);
    const times = rowOf(page, 3).locator('time.age');
    const seconds = async (): Promise<readonly number[]> =>
      (await times.allInnerTexts()).map((text) => Number(/^(\d+) s$/.exec(text)?.[1]));
    await page.locator('time.due').waitFor();
    await expect.poll(async () => (await seconds())[1], { timeout: 5000 }).toBeLessThan(59);
    const [since = NaN, due = NaN] = await seconds();
    expect(since + due).toBeGreaterThan(57);
    expect(since).toBeGreaterThan(0);
  });

  test('of a peer shows its end within a second, and asks nothing for those of others', async () => {
    await using opened = await open(`/peer?group=g&peer=${encodeURIComponent(nameOf(3))}`);
    const { page } = opened;
    await isLive(opened);
    const asked = () => opened.requests.filter((path) => path === '/peer').length;
    await expect.poll(asked).toBe(2); // loaded, and once more when the stream was there
    end(opened, 4);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(asked()).toBe(2);
    end(opened, 3);
    await page.locator('.facts', { hasText: 'down' }).waitFor();
    await page.getByText('End 1:').waitFor();
    expect(asked()).toBe(3);
  });

  test('of a peer shows what applications connect, and asks nothing for those of another group', async () => {
    const group = { type: 'groupAdded', at, tls: false, expectsAnswer: false, canAnnounce: false } as const;
    const life: readonly FinrstEvent[] = [
      { ...group, group: 'g', isObserved: true },
      { type: 'observerChanged', at, isUp: true },
      ...wellLife,
    ];
    const path = `/peer?group=g&peer=${encodeURIComponent(nameOf(3))}`;
    await using opened = await open(path, { events: life });
    const { page, web } = opened;
    await isLive(opened);
    const asked = () => opened.requests.filter((each) => each === '/peer').length;
    await expect.poll(asked).toBe(2);
    web.publish({ ...observedConnectedEvent, peer: { ...peerOf(4), group: 'other' } });
    web.clock.advance(1000);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(asked()).toBe(2);
    web.publish({ ...observedConnectedEvent, peer: peerOf(3) });
    web.clock.advance(1000);
    await page.getByText('java').waitFor();
  });

  test('leaves a text alone that is selected', async () => {
    await using opened = await open('/');
    const { page } = opened;
    await isLive(opened);
    await page.evaluate(() =>
      getSelection()?.selectAllChildren(document.querySelector('.fig .isdown') ?? document.body),
    );
    end(opened, 3);
    await headline(page, '1 peer is down');
    expect(await page.evaluate(() => getSelection()?.toString())).toBe('0');
    await page.evaluate(() => getSelection()?.removeAllRanges());
    end(opened, 4);
    await page.locator('.fig .isdown:text-is("2")').waitFor();
  });

  test('keeps its rows where they are while somebody is there, and sorts them when asked', async () => {
    await using opened = await open('/');
    const { page } = opened;
    await isLive(opened);
    const places = () => page.locator('tr[data-peer]').evaluateAll((rows) => rows.map((row) => row.dataset['peer']));
    const before = await places();
    end(opened, 9);
    end(opened, 55); // not among the 40
    await headline(page, '2 peers are down');
    expect(await places()).toEqual(before);
    // Two of them would be on the next page by now: they are still told the truth.
    expect(await page.locator('tr.gone').count()).toBe(0);
    const sort = page.getByRole('button', { name: 'sort again' });
    expect(await sort.innerText()).toContain('2 elsewhere now');
    await sort.click();
    await page.locator('tr.sec', { hasText: 'Down, each for itself' }).waitFor();
    expect((await places()).slice(0, 2)).toEqual(expect.arrayContaining(['9', '55']));
    expect(await sort.isVisible()).toBe(false);
  });

  test('sorts its rows by itself once nobody has touched it for a minute, as on a wall', async () => {
    await using opened = await open('/-/healthy');
    const { page } = opened;
    await page.clock.install();
    await page.goto(opened.urlOf('/'));
    await isLive(opened);
    end(opened, 9);
    await page.getByRole('button', { name: 'sort again' }).waitFor();
    await page.clock.fastForward(61_000);
    await page.locator('tr.sec', { hasText: 'Down, each for itself' }).waitFor();
    expect(await page.locator('tr[data-peer]').first().getAttribute('data-peer')).toBe('9');
  });

  test('keeps focus, what is typed, what is selected, what is scrolled and what is open', async () => {
    await using opened = await open(`/?view=all`);
    const { page } = opened;
    await isLive(opened);
    await page.getByRole('searchbox').fill('half a na');
    await page.locator('a.peer').nth(20).focus();
    await page.evaluate(() => {
      scrollTo(0, 400);
      const name = document.querySelectorAll('a.peer .host')[12] ?? document.body;
      getSelection()?.selectAllChildren(name);
    });
    const state = () =>
      page.evaluate(() => ({
        focus: document.activeElement?.getAttribute('title'),
        selected: getSelection()?.toString(),
        scrolled: scrollY,
        typed: document.querySelector('input')?.value,
      }));
    const before = await state();
    expect(before).toEqual({ focus: nameOf(20), selected: 'peer-12.example', scrolled: 400, typed: 'half a na' });
    for (const id of [12, 20, 21]) end(opened, id);
    await headline(page, '3 peers are down');
    expect(await state()).toEqual(before);
    expect(await rowOf(page, 21).locator('.c-state').innerText()).toContain('down');
    expect(await rowOf(page, 20).locator('.c-state').innerText()).toContain('connected');
    await page.locator('a.peer').nth(30).focus();
    await rowOf(page, 20).locator('.c-state', { hasText: 'down' }).waitFor();
  });

  test('in seven tabs, all of them seen: the seventh loads and is live, over one stream', async () => {
    await using opened = await open('/');
    const pages = [opened.page];
    while (pages.length < 7) {
      const page = await opened.context.newPage();
      pages.push(page);
      await page.goto(opened.urlOf('/'), { timeout: 5000 });
    }
    await isLive({ ...opened, page: pages[6] ?? opened.page });
    end(opened, 5);
    await Promise.all(pages.map((page) => headline(page, '1 peer is down')));
    await opened.context.close();
    await expect.poll(() => opened.web.published.filter(({ type }) => type === 'streamEnded').length).toBe(1);
  });

  test('where the browser knows no shared worker asks every two seconds', async () => {
    await using opened = await open('/');
    const page = await opened.context.newPage();
    await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'));
    await page.goto(opened.urlOf('/'));
    await page.locator('#live:text-is("live")').waitFor();
    end(opened, 5);
    await headline(page, '1 peer is down', 4000);
  });

  test('whose stream is refused, since others read all there are, asks every two seconds', async () => {
    await using opened = await open('/-/healthy');
    const { page, web } = opened;
    const address = web.addresses[0] ?? '';
    const readers = await Promise.all(Array.from({ length: 32 }, () => readStream(address, '/api/v1/events/stream')));
    await page.goto(opened.urlOf('/'));
    await expect
      .poll(() => web.published.some((event) => 'outcome' in event && event.outcome === 'rejected'))
      .toBe(true);
    await page.waitForTimeout(700); // what it asks for once the stream is refused
    end(opened, 5);
    await headline(page, '1 peer is down', 4000);
    for (const reader of readers) reader[Symbol.dispose]();
  });

  test('asks no more often than its pace allows in a storm', async () => {
    await using opened = await open('/');
    await isLive(opened);
    const asked = opened.requests.length;
    const began = performance.now();
    for (let id = 0; id < 60; id++) {
      end(opened, id);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    await headline(opened.page, '60 peers are down');
    const seconds = (performance.now() - began) / 1000;
    const pages = opened.requests.slice(asked).filter((path) => path === '/').length;
    expect(pages).toBeGreaterThan(0);
    expect(pages).toBeLessThanOrEqual(seconds / 0.5 + 1);
  });

  test('takes a burst, of which it hears the counts alone, for news', async () => {
    await using opened = await open('/');
    await isLive(opened);
    for (let index = 0; index < 600; index++) publishEnd(opened, index % 60);
    opened.web.clock.advance(250);
    await headline(opened.page, '60 peers are down', 3000);
  });

  test('says since when it is stale once nobody answers, and is live again by itself', async () => {
    await using opened = await open('/');
    const { page } = opened;
    await isLive(opened);
    await opened.context.setOffline(true);
    end(opened, 3);
    await page.locator('#live.bad', { hasText: /^stale since \d\d:\d\d:\d\d$/ }).waitFor({ timeout: 25_000 });
    expect(await page.title()).toMatch(/^\(stale\)/);
    await opened.context.setOffline(false);
    await page.locator('#live:text-is("live")').waitFor({ timeout: 20_000 });
    await headline(page, '1 peer is down');
  });

  test('that is hidden asks for nothing and closes the stream, and catches up when it is seen', async () => {
    await using opened = await open('/');
    const { page, web } = opened;
    await isLive(opened);
    const hide = (isHidden: boolean) =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, isHidden);
    await hide(true);
    await expect.poll(() => web.isFollowed()).toBe(false);
    const asked = opened.requests.length;
    end(opened, 3);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(opened.requests.length).toBe(asked);
    await hide(false);
    await headline(page, '1 peer is down');
    await expect.poll(() => web.isFollowed()).toBe(true);
  });

  test('loads itself anew where another process answers', async () => {
    await using opened = await open('/');
    const { page } = opened;
    await isLive(opened);
    await page.evaluate(() => document.documentElement.setAttribute('data-run', 'another'));
    end(opened, 3);
    await page.waitForFunction(() => document.documentElement.dataset['run'] !== 'another');
    await headline(page, '1 peer is down');
  });

  test('runs nothing that a name brings, however it comes', async () => {
    await using opened = await open('/');
    const { page, web, problems } = opened;
    await isLive(opened);
    const names = ['<img src=x onerror=alert(1)>', '"><script>alert(1)</script>', '</td></tr></table><h1>owned</h1>'];
    for (const [index, name] of names.entries()) {
      joined(100 + index, name).forEach(web.publish);
      end(opened, 100 + index, name);
    }
    await headline(page, '3 peers are down');
    await page.getByRole('button', { name: 'sort again' }).click();
    await page.locator('a.peer', { hasText: 'onerror' }).waitFor();
    expect(await page.locator('img, script:not([src^="/assets/"]), h1:text-is("owned")').count()).toBe(0);
    expect(problems).toEqual([]);
  });
});
