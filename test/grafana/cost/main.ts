import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Cost, costOfOverview } from './overview-cost.ts';
import { StoredPrometheus } from './stored-prometheus.ts';

/**
 * What the overview costs a Prometheus, in CPU seconds of its process: `npm run -s node -- test/grafana/cost/main.ts`.
 *
 *     --prometheus=PROGRAM  which one, e.g. a 3.x beside the packaged one
 *     --peers=1000 --hours=6 --scrape=60 (seconds) --times=10
 *
 * Fails where the timeline costs more than a fifth of `finrst_peer_up` alone over the same range and step.
 */
const MOST_OF_PEER_UP = 0.2;

const { values } = parseArgs({
  options: {
    prometheus: { type: 'string', default: 'prometheus' },
    peers: { type: 'string', default: '1000' },
    hours: { type: 'string', default: '6' },
    scrape: { type: 'string', default: '60' },
    times: { type: 'string', default: '10' },
  },
});
const scrapeSeconds = Number(values.scrape);
const endSeconds = Math.floor(Date.now() / 1000 / scrapeSeconds) * scrapeSeconds;
const fleet = {
  peers: Number(values.peers),
  groups: 10,
  startSeconds: endSeconds - Number(values.hours) * 3600,
  endSeconds,
  scrapeSeconds,
};
const folder = mkdtempSync(join(tmpdir(), 'finrst-overview-cost-'));
const print = ({ what, cpuSeconds, answer: { samples, series, bytes } }: Cost): void =>
  console.log(
    `${what.slice(0, 56).padEnd(58)}${cpuSeconds.toFixed(3).padStart(7)} s${String(samples).padStart(10)} samples${String(series.length).padStart(6)} series${String(Math.round(bytes / 1024)).padStart(7)} KiB`,
  );
try {
  const prometheus = await StoredPrometheus.holding(fleet, folder, values.prometheus);
  try {
    console.log(
      `Prometheus ${await prometheus.version()}, ${fleet.peers} peers, ${values.hours} h, scraped every ${scrapeSeconds} s`,
    );
    const { allPeersUp, worst, timeline, panels } = await costOfOverview({
      prometheus,
      fleet,
      times: Number(values.times),
    });
    for (const cost of [allPeersUp, worst, ...panels]) print(cost);
    const whole = [worst, ...panels].reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
    const share = timeline.cpuSeconds / allPeersUp.cpuSeconds;
    console.log(`the whole overview: ${whole.toFixed(2)} s`);
    console.log(
      `the timeline: ${share.toFixed(2)} of finrst_peer_up alone; with the variable ${((timeline.cpuSeconds + worst.cpuSeconds) / allPeersUp.cpuSeconds).toFixed(2)}`,
    );
    if (share > MOST_OF_PEER_UP)
      throw new Error(`the timeline costs more than ${MOST_OF_PEER_UP} of finrst_peer_up alone`);
  } finally {
    await prometheus.stop();
  }
} finally {
  rmSync(folder, { recursive: true });
}
