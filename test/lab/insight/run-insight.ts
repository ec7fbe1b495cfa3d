import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDaemon } from '../daemon.ts';
import type { Janitor } from '../janitor.ts';
import { isChosen } from '../scenarios/all.ts';
import { configOf } from './fleet.ts';
import { HINT_ROWS, HOST_DROPS } from './hint-rows.ts';
import { INCIDENT_ROWS, UPLINK } from './incident-rows.ts';
import { judgeInsight, type Seen } from './insight-judge.ts';
import type { InsightRow, Scene } from './insight-row.ts';
import { createSite, createZones, type Zones } from './site.ts';
import { createStage, type Stage } from './stage.ts';

/** Every row, in the order of the report. */
export const INSIGHT: readonly InsightRow[] = [...INCIDENT_ROWS, ...HINT_ROWS, HOST_DROPS].filter(isChosen);

/** What a row showed. */
export type InsightFound = { readonly row: InsightRow; readonly seen: Seen; readonly faults: readonly string[] };

type Base = { readonly folder: string; readonly node: string; readonly janitor: Janitor };

/**
 * Runs the row that must be alone, since the packets that this host drops in it are everybody's; then gives what runs the
 * others beside one another, each at a site of its own. The longest waits for keepalive at its default.
 */
export async function runInsight(base: Base): Promise<() => Promise<readonly InsightFound[]>> {
  if (INSIGHT.length === 0) return async () => [];
  const zones = await createZones(base.janitor);
  const alone = INSIGHT.includes(HOST_DROPS) ? [await runRow(await prepare(base, zones, HOST_DROPS), HOST_DROPS)] : [];
  return async () => {
    const running: Promise<InsightFound>[] = [];
    // Ten daemons that start at once are late with all of it.
    for (const row of longestFirst()) {
      const its = runRow(await prepare(base, zones, row), row);
      its.catch(() => null); // Thrown below.
      running.push(its);
    }
    const found = [...alone, ...(await Promise.all(running))];
    return INSIGHT.map((row) => found.find((each) => each.row === row)!);
  };
}

function longestFirst(): readonly InsightRow[] {
  const others = INSIGHT.filter((row) => row !== HOST_DROPS);
  return [...others.filter((row) => row === UPLINK), ...others.filter((row) => row !== UPLINK)];
}

const CONNECT_DEADLINE_MS = 60_000;
/** After the last connect: heartbeats have begun everywhere. */
const CALM_MS = 3000;
/** At default keepalive the last end comes 90 s after the cut. */
const ENDS_DEADLINE_MS = 120_000;
const INCIDENTS_DEADLINE_MS = 60_000;
const OVER_DEADLINE_MS = 60_000;
/** For an end or an incident too many to show itself. */
const SETTLE_MS = 3000;
/** A quarter of a minute is no matter here, and the lab beside it measures delays. */
const POLL_MS = 1000;

async function runRow({ stage, scene: { harm, heal } }: Ready, row: InsightRow): Promise<InsightFound> {
  const { daemon } = stage;
  await sleep(CALM_MS);
  const droppedBefore = droppedPackets();
  const harmedAt = Date.now();
  await harm(stage);
  const activeThen = row.incidents.length > 0 ? await untilTheyRun(stage, row) : undefined;
  await heal?.();
  const areOver = async (): Promise<boolean> => (await stage.incidents()).every(({ state }) => state !== 'running');
  if (row.incidents.length > 0) await stage.until(areOver, OVER_DEADLINE_MS);
  await sleep(SETTLE_MS);
  await daemon.feed.refreshed();
  const known = daemon.feed.all().length;
  const [incidents, metrics] = [await stage.incidents(), await daemon.metrics()];
  await daemon.feed.refreshed();
  const events = daemon.feed.all();
  const exitCode = await daemon.stop();
  const dropped = droppedPackets() - droppedBefore;
  const seen = { incidents, harmedAt, activeThen, events, known, metrics, log: daemon.log(), exitCode, dropped };
  return { row, seen, faults: judgeInsight(row, seen) };
}

type Ready = { readonly stage: Stage; readonly scene: Scene };

/** Makes the row's site, starts its daemon, and waits until all is held. */
async function prepare({ folder, node }: Base, zones: Zones, row: InsightRow): Promise<Ready> {
  const site = await createSite(zones, INSIGHT.indexOf(row) + 1);
  const scene = await row.scene({ site, file: (name) => path.join(folder, `${row.id}-${name}`) });
  const config = configOf(scene.groups, row.global);
  const daemon = await startDaemon({ network: { start: site.start }, folder, node, config, pollMs: POLL_MS });
  const stage = createStage(daemon);
  const targets = scene.groups.reduce((sum, each) => sum + each.targets.length, 0);
  await stage.until(() => stage.held() >= targets, CONNECT_DEADLINE_MS);
  return { stage, scene };
}

/** Waits until all ends have come and all incidents have them, and reads how many run. */
async function untilTheyRun(stage: Stage, { incidents }: InsightRow): Promise<number | undefined> {
  const ended = incidents.reduce((sum, each) => sum + each.ended, 0);
  await stage.until(() => stage.ends().length >= ended, ENDS_DEADLINE_MS);
  const haveThem = async (): Promise<boolean> => {
    const found = await stage.incidents();
    return incidents.every((each) =>
      found.some(({ scope, value, ended: its }) => scope === each.scope && value === each.value && its === each.ended),
    );
  };
  await stage.until(haveThem, INCIDENTS_DEADLINE_MS);
  return (await stage.daemon.metrics()).get('finrst_incident_active');
}

/** The second column, of all processors. */
function droppedPackets(): number {
  const lines = readFileSync('/proc/net/softnet_stat', 'utf8').trim().split('\n');
  return lines.reduce((sum, line) => sum + Number.parseInt(line.split(/\s+/)[1]!, 16), 0);
}
