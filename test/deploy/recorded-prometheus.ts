import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Loose } from './rendered-chart.ts';
import { freePort } from '../support/free-port.ts';
import { fetchJson, startProgram, untilReady } from './started-program.ts';

const run = promisify(execFile);

/** One series with its samples: seconds since 1970 and values. */
export type RecordedSeries = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly (readonly [number, number])[];
};

export type Programs = { readonly prometheus: string; readonly promtool: string };

/** Writes samples of the past into the storage of a Prometheus that does not run. */
export async function backfill(programs: Programs, folder: string, series: readonly RecordedSeries[]): Promise<void> {
  const lines = series.flatMap(({ name, labels, samples }) => {
    const written = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    return samples.map(([time, value]) => `${name}{${written.join(',')}} ${value} ${time}`);
  });
  const file = join(folder, 'samples.txt');
  writeFileSync(file, [...lines, '# EOF', ''].join('\n'));
  await run(programs.promtool, ['tsdb', 'create-blocks-from', 'openmetrics', file, join(folder, 'storage')], {
    maxBuffer: 1 << 26,
  });
}

/** A Prometheus over that storage, which scrapes nothing. */
export async function startOver(programs: Programs, folder: string) {
  const port = await freePort();
  const config = join(folder, 'prometheus.yml');
  writeFileSync(config, '{}\n');
  const prometheus = startProgram(programs.prometheus, [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'storage')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  const address = `http://127.0.0.1:${port}`;
  await untilReady(`${address}/-/ready`, [prometheus]);
  const ask = async (path: string, parameters: Readonly<Record<string, string>>): Promise<readonly Loose[]> => {
    const answer = await fetchJson(`${address}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    if (answer.status !== 'success') throw new Error(`${parameters['query']}: ${answer.error}`);
    return answer.data.result;
  };
  return {
    /** What an expression gives at one time. */
    instant: (query: string, time: number) => ask('query', { query, time: `${time}` }),
    /** What a rule with that expression would record at each of these times. */
    range: (
      query: string,
      { start, end, step }: { readonly start: number; readonly end: number; readonly step: number },
    ) => ask('query_range', { query, start: `${start}`, end: `${end}`, step: `${step}` }),
    stop: () => prometheus.stop(),
  };
}
