import { drawingPanels, readDashboard } from '../support/dashboard-json.ts';
import { interpolate, type QueryContext } from '../support/interpolate.ts';
import { namesIn, resultQuery } from '../support/query-result.ts';
import type { Answer, StoredPrometheus } from './stored-prometheus.ts';
import type { Fleet } from './synthetic-fleet.ts';

/** What one request of the overview costs. */
export type Cost = { readonly what: string; readonly cpuSeconds: number; readonly answer: Answer };

/** A panel as wide as half a screen asks for this many points, unless it says how many it wants. */
const POINTS_OF_A_PANEL = 720;

export type CostOfOverview = {
  /** `finrst_peer_up` of all peers over the same range and step as the timeline. */
  readonly allPeersUp: Cost;
  /** The instant query that finds the worst peers. */
  readonly worst: Cost;
  readonly timeline: Cost;
  readonly panels: readonly Cost[];
};

export type Asking = {
  readonly prometheus: StoredPrometheus;
  readonly fleet: Fleet;
  /** How often each query is asked: the cost is the mean. */
  readonly times: number;
};

/** Asks what Grafana would ask to show the overview over all of the fleet's time. */
export async function costOfOverview(asking: Asking): Promise<CostOfOverview> {
  const { prometheus, fleet } = asking;
  const { start, end } = { start: fleet.startSeconds, end: fleet.endSeconds };
  const overview = readDashboard('overview');
  const stepOf = (points: number): number => Math.ceil((end - start) / points / 15) * 15; // Grafana's steps are round
  const context = (step: number, worst: readonly string[]): QueryContext => ({
    rangeSeconds: end - start,
    stepSeconds: step,
    scrapeSeconds: fleet.scrapeSeconds,
    variables: { cluster: '.*', job: '.+', instance: '.+', group: '.+', show: '20', worst },
  });
  const step = stepOf(POINTS_OF_A_PANEL);
  const allPeersUp = await costOf('finrst_peer_up alone', asking, () =>
    prometheus.range('finrst_peer_up', { start, end, step }),
  );
  const variable = overview.templating.list.find(({ name }) => name === 'worst');
  const find = interpolate(resultQuery(variable?.query ?? '') ?? '', context(step, []));
  const worst = await costOf('the worst 20 (variable)', asking, () => prometheus.instant(find, end));
  const names = namesIn(worst.answer.series, variable?.regex);

  const panels: Cost[] = [];
  for (const { title, type, targets, maxDataPoints } of drawingPanels(overview)) {
    for (const { refId, expr = '', instant } of targets ?? []) {
      const ownStep = stepOf(maxDataPoints ?? POINTS_OF_A_PANEL);
      const asked = interpolate(expr, context(ownStep, names));
      const cost = await costOf(`${title} / ${refId}`, asking, () =>
        instant === true ? prometheus.instant(asked, end) : prometheus.range(asked, { start, end, step: ownStep }),
      );
      panels.push(type === 'state-timeline' ? { ...cost, what: TIMELINE } : cost);
    }
  }
  const timeline = panels.find(({ what }) => what === TIMELINE);
  if (timeline === undefined) throw new Error('the overview has no timeline');
  return { allPeersUp, worst, timeline, panels };
}

const TIMELINE = 'Peers over time';

/** The first run is not counted: it reads the blocks into memory. */
async function costOf(what: string, { prometheus, times }: Asking, ask: () => Promise<Answer>): Promise<Cost> {
  let answer = await ask();
  const before = prometheus.cpuSeconds();
  for (let run = 0; run < times; run += 1) answer = await ask();
  return { what, cpuSeconds: (prometheus.cpuSeconds() - before) / Math.max(1, times), answer };
}
