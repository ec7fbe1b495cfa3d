import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { DASHBOARD_NAMES } from '../support/dashboard-json.ts';
import type { Recording } from '../live/recording.ts';
import { drawPage, PAGE_WIDTH } from './draw-page.ts';

/** Without these, Chromium tries to reach its maker's hosts; as root it needs no sandbox. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Draws every dashboard into `folder` as NAME.png. */
export async function takePictures(recording: Recording, folder: string): Promise<void> {
  const profile = mkdtempSync(join(tmpdir(), 'finrst-chromium-'));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    args: FLAGS,
    deviceScaleFactor: 1,
  });
  try {
    for (const name of DASHBOARD_NAMES) {
      const { html, height } = drawPage(name, recording);
      const page = await browser.newPage();
      await page.setViewportSize({ width: PAGE_WIDTH, height });
      await page.setContent(html);
      await page.screenshot({ path: join(folder, `${name}.png`) });
      await page.close();
    }
  } finally {
    await browser.close();
    rmSync(profile, { recursive: true, force: true });
  }
}
