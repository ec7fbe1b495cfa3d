import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { FinrstEvent } from '../../src/domain/events/finrst-event.ts';
import { findProgram } from '../support/find-program.ts';
import { startWeb, type WebOverrides, type WebUnderTest } from '../support/web-under-test.ts';

/** Null: it is not installed. */
export const CHROMIUM = findProgram('chromium');

export const DESKTOP: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
}

export type Opened = AsyncDisposable & {
  readonly web: WebUnderTest;
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser complained of. */
  readonly problems: readonly string[];
  /** Paths of what was asked for. */
  readonly requests: readonly string[];
  readonly urlOf: (path: string) => string;
};

export type OpenOptions = {
  readonly path: string;
  readonly events: readonly FinrstEvent[];
  readonly view?: BrowserContextOptions;
  readonly overrides?: WebOverrides;
};

/** Opens a page of a server that lived through this. */
export async function openPage(browser: Browser, options: OpenOptions): Promise<Opened> {
  const { path, events, view = DESKTOP, overrides = {} } = options;
  const web = await startWeb({ ...overrides, events });
  const context = await browser.newContext(view);
  const page = await context.newPage();
  const problems: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('dialog', (dialog) => void (problems.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
  page.on('request', (request) => requests.push(new URL(request.url()).pathname));
  const urlOf = (wanted: string): string => `http://${web.addresses[0]}${wanted}`;
  await page.goto(urlOf(path));
  return {
    web,
    context,
    page,
    problems,
    requests,
    urlOf,
    async [Symbol.asyncDispose]() {
      await context.close();
      await web[Symbol.asyncDispose]();
    },
  };
}
