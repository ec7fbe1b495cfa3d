/** Builds Prometheus 3 for the suites that need it, so that none of them waits for it. `node test/deploy/build-prometheus-3.ts` */
import { buildPrometheus3 } from './prometheus-3.ts';

const { prometheus } = await buildPrometheus3();
process.stdout.write(`${prometheus}\n`);
