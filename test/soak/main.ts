import { parseArgs } from 'node:util';
import { runSoak } from './run-soak.ts';
import { growthFaults, soakReport } from './soak-report.ts';

/**
 * Holds peers on loopback that end in every way loopback can show, a million times by default, under reloads and scrapes,
 * and holds all that the daemon counts against the peers' own record. Exit code 1 if anything does not agree.
 */
const { values } = parseArgs({
  options: {
    ends: { type: 'string', default: '1000000' },
    peers: { type: 'string', default: '1500' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    looks: { type: 'string', default: '11' },
    rest: { type: 'string', default: '800' },
  },
});
const options = {
  ends: Number(values.ends),
  peers: Number(values.peers),
  seed: Number(values.seed),
  looks: Number(values.looks),
  restMs: Number(values.rest),
  progress: (line: string) => console.log(line),
};
console.log(`npm run soak -- --ends=${options.ends} --peers=${options.peers} --seed=${options.seed}`);
// An exit, so that the daemon is not left behind.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const result = await runSoak(options);
console.log(`\n${soakReport(options, result)}`);
process.exitCode = result.faults.length + growthFaults(result).length === 0 ? 0 : 1;
