import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DASHBOARD_NAMES } from './support/dashboard-json.ts';
import { runScenario } from './live/run-scenario.ts';
import { takePictures } from './renderer/take-pictures.ts';

/**
 * Runs the scenario and draws the pictures of the docs anew: `npm run -s node -- test/grafana/refresh-pictures.ts`.
 * Needs what the live test needs, and pngquant to make the files small.
 */
const folder = mkdtempSync(join(tmpdir(), 'finrst-pictures-'));
try {
  await takePictures(await runScenario(folder), folder);
  for (const name of DASHBOARD_NAMES) {
    const picture = fileURLToPath(new URL(`../../docs/images/${name}.png`, import.meta.url));
    execFileSync('pngquant', ['--force', '--speed', '1', '--output', picture, join(folder, `${name}.png`)]);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
