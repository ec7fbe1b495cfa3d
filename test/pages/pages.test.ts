import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM, DESKTOP, launchChromium, openPage } from './browser-under-test.ts';
import { hostileLife, incidentPath, ordinaryLife, peerPath } from './lives.ts';

const VIEWS: Readonly<Record<string, BrowserContextOptions>> = {
  light: { ...DESKTOP, colorScheme: 'light' },
  dark: { ...DESKTOP, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
  narrow: { viewport: { width: 320, height: 640 } },
  'no script': { ...DESKTOP, javaScriptEnabled: false },
};
const PATHS = {
  'all peers': '/',
  'a list': '/?view=all&sort=error',
  'a peer with a finding': peerPath(ordinaryLife),
  incidents: '/incidents',
  incident: incidentPath,
  'the words': '/words',
  'a word': '/words/keepalive_timeout',
};

describe.skipIf(CHROMIUM === null)(`pages in ${CHROMIUM ?? 'Chromium, which is not installed'}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  const open = (path: string, events: typeof ordinaryLife, view: BrowserContextOptions = DESKTOP) =>
    openPage(browser, { path, events, view });

  describe.each(Object.entries(PATHS))('%s', (_name, path) => {
    test.each(Object.entries(VIEWS))(
      'fits %s, complains of nothing and loads nothing but style sheet, script and icon',
      async (_view, view) => {
        await using opened = await open(path, ordinaryLife, view);
        expect(await sideways(opened.page)).toBe(0);
        expect(opened.problems).toEqual([]);
        const loaded = new Set(opened.requests);
        loaded.delete('/assets/icon.svg');
        const script = view.javaScriptEnabled === false ? [] : ['/assets/finrst.js'];
        expect([...loaded]).toEqual([path.split('?')[0], '/assets/finrst.css', ...script]);
      },
    );

    test.each(['light', 'dark', 'phone'])('has nothing that axe objects to, %s', async (view) => {
      await using opened = await open(path, ordinaryLife, VIEWS[view]);
      expect(await violations(opened.page)).toEqual([]);
    });
  });

  test('colours follow the system', async () => {
    const grounds = ['light', 'dark'].map(async (view) => {
      await using opened = await open('/incidents', ordinaryLife, VIEWS[view]);
      return await opened.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    });
    expect(await Promise.all(grounds)).toEqual(['rgb(245, 246, 248)', 'rgb(15, 18, 23)']);
  });

  test('the way from the incidents to a peer and back is by links, with the keyboard, too', async () => {
    await using opened = await open('/incidents', ordinaryLife);
    const { page } = opened;
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content');
    await page.locator('.past h2 a').first().focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(`**${incidentPath}`);
    await page.locator('tbody a').first().click();
    await page.waitForURL('**/peer?*');
    await page.locator(`a[href="${incidentPath}"]`).first().click();
    await page.waitForURL(`**${incidentPath}`);
  });

  test('what the form filters by stands in the address, and a peer is a link', async () => {
    await using opened = await open('/', ordinaryLife, VIEWS['no script']);
    const { page } = opened;
    await page.getByLabel('State').selectOption('connected');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL('**/?*state=connected*');
    await page.getByRole('link', { name: 'Trouble first' }).click();
    await page.locator('a.peer').first().click();
    await page.waitForURL('**/peer?*');
  });

  test.each(['/', peerPath(hostileLife), '/incidents', incidentPath])(
    'hostile names run nothing and break nothing: %#',
    async (path) => {
      for (const view of [DESKTOP, VIEWS['narrow']]) {
        await using opened = await open(path, hostileLife, view);
        expect(opened.problems).toEqual([]);
        expect(await opened.page.locator('img, script:not([src^="/assets/"]), h1:text-is("owned")').count()).toBe(0);
        expect(await sideways(opened.page)).toBe(0);
      }
    },
  );
});

/** How far the page scrolls sideways. */
function sideways(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** What axe finds, with where. The page forbids scripts of others: axe comes past that, through the debugger. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const loaded = globalThis as unknown as { axe: { run: () => Promise<AxeResult> } };
    const found = (await loaded.axe.run()).violations;
    return found.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
  });
}

type AxeResult = {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly target: string[] }[] }[];
};
