import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../support/find-program.ts';
import { startWeb } from '../support/web-under-test.ts';
import { hostileLife, incidentPath, ordinaryLife, peerPath } from './lives.ts';

const executablePath = findProgram('chromium');
const DESKTOP = { viewport: { width: 1280, height: 800 } };
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
  peer: peerPath(ordinaryLife),
  incidents: '/incidents',
  incident: incidentPath,
};

describe.skipIf(executablePath === null)(`pages in ${executablePath ?? 'Chromium, which is not installed'}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  });
  afterAll(() => browser?.close());

  /** Opens a page of a server that lived through this, and hands over what was wrong on the way. */
  async function open(path: string, events: typeof ordinaryLife, view: BrowserContextOptions = DESKTOP) {
    const web = await startWeb({ events });
    const context = await browser.newContext(view);
    const page = await context.newPage();
    const problems: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('dialog', (dialog) => void (problems.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
    page.on('request', (request) => requests.push(new URL(request.url()).pathname));
    await page.goto(`http://${web.addresses[0]}${path}`);
    return {
      page,
      problems,
      requests,
      async [Symbol.asyncDispose]() {
        await context.close();
        await web[Symbol.asyncDispose]();
      },
    };
  }

  describe.each(Object.entries(PATHS))('%s', (_name, path) => {
    test.each(Object.entries(VIEWS))(
      'fits %s, complains of nothing and loads nothing but style sheet and icon',
      async (_view, view) => {
        await using opened = await open(path, ordinaryLife, view);
        expect(await sideways(opened.page)).toBe(0);
        expect(opened.problems).toEqual([]);
        expect(opened.requests.filter((each) => each !== '/assets/icon.svg')).toEqual([
          path.split('?')[0],
          '/assets/finrst.css',
        ]);
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
        expect(await opened.page.locator('img, script, h1:text-is("owned")').count()).toBe(0);
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
