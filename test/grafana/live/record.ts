import { spawn } from 'node:child_process';
import { openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DASHBOARD_NAMES, type DashboardName } from '../support/dashboard-json.ts';
import { furnishNetwork, makeIdentities, startCollector, startResolver } from './own-network.ts';
import { Prometheus } from './prometheus.ts';
import { recordDashboard } from './record-dashboard.ts';
import type { RecordedDashboard, Recording } from './recording.ts';
import { configText, script, SCRIPT_SECONDS, Servers, targetsText, type Daemon, type Files } from './scenario.ts';

/**
 * Runs the scenario once, start to end, and writes what Prometheus answers to every query of every dashboard:
 * `unshare --net --mount node record.ts FOLDER`.
 */
const folder = process.argv[2] ?? '';
const SCRAPE_SECONDS = 1;

furnishNetwork(folder);
startResolver();
startCollector();
const identities = makeIdentities(folder);
const servers = new Servers(identities);
for (const server of servers.fromTheStart) await server.listen();

const configFile = join(folder, 'finrst.yml');
const files: Files = { caFile: identities.caFile, targetsFile: join(folder, 'targets.json') };
writeFileSync(files.targetsFile, targetsText(['cache-0', 'cache-1']));
writeFileSync(configFile, configText(files, false));
const prometheus = await Prometheus.start(folder, '127.0.0.1:10346');
const startSeconds = Math.floor(Date.now() / 1000);
await wait(1000);
const log = openSync(join(folder, 'finrst.log'), 'w');
const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));
const child = spawn(
  process.execPath,
  [
    main,
    'serve',
    `--config.file=${configFile}`,
    '--web.listen-address=127.0.0.1:10346',
    '--config.auto-reload-interval=0s',
    `--events.file=${join(folder, 'events.jsonl')}`,
  ],
  { stdio: ['ignore', log, log] },
);
let died: number | null = null;
child.once('exit', (code) => (died = code ?? -1));

const daemon: Daemon = {
  writeConfig: (text) => writeFileSync(configFile, text),
  writeTargets: (text) => writeFileSync(files.targetsFile, text),
  reload: () => void child.kill('SIGHUP'),
  pause: () => void child.kill('SIGSTOP'),
  resume: () => void child.kill('SIGCONT'),
};
const began = Date.now();
for (const { at, run } of script(servers, daemon, files)) {
  await wait(Math.max(0, began + at * 1000 - Date.now()));
  await run();
}
await wait(Math.max(0, began + SCRIPT_SECONDS * 1000 - Date.now()));
if (died !== null) throw new Error(`the daemon ended with ${String(died)}; see ${join(folder, 'finrst.log')}`);

const endSeconds = Math.floor(Date.now() / 1000);
await wait(1500); // the scrape of the last second
const window = { start: startSeconds, end: endSeconds, step: 1, scrape: SCRAPE_SECONDS };
const dashboards: Partial<Record<DashboardName, RecordedDashboard>> = {};
for (const name of DASHBOARD_NAMES) dashboards[name] = await recordDashboard(name, { prometheus, window });
const recording: Recording = {
  startSeconds,
  endSeconds,
  stepSeconds: window.step,
  scrapeSeconds: SCRAPE_SECONDS,
  prometheusVersion: await prometheus.version(),
  dashboards: dashboards as Recording['dashboards'],
  worstFive: await recordDashboard('overview', { prometheus, window, chosen: { show: '5' } }),
  metricNames: await prometheus.labelValues('__name__', null),
};
writeFileSync(join(folder, 'recording.json'), JSON.stringify(recording));

child.kill('SIGTERM');
prometheus.stop();
for (const server of servers.all) server.stop();
await wait(2500); // the daemon closes in order
process.exit(0);
