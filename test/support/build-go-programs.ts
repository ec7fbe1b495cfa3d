/** Builds what the suites need of Go, one after the other in one cache, so that none of them waits for it. */
import { buildPrometheus3 } from '../deploy/prometheus-3.ts';
import { buildCollector } from '../spans/build-collector.ts';

const { prometheus, promtool } = await buildPrometheus3();
for (const program of [prometheus, promtool, await buildCollector()]) process.stdout.write(`${program}\n`);
