import { parseArgs } from 'node:util';
import { ATTACK_NAMES, ATTACKS } from './attack-kinds.ts';
import { broken, lineOf } from './judge.ts';
import { runAttacks } from './run-attacks.ts';

/** `npm run attack`: the attacks, for as long as it is told, with their figures. Exit code 1: a promise did not hold. */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    requests: { type: 'string', default: '10000' },
    only: { type: 'string' },
  },
});

for (const [name, what] of Object.entries(ATTACKS)) console.log(`${name.padEnd(13)} ${what}`);
console.log('');
const run = await runAttacks({
  seconds: Number(values.seconds),
  keepAliveRequests: Number(values.requests),
  ...(values.only !== undefined && { only: ATTACK_NAMES.filter((name) => values.only?.split(',').includes(name)) }),
  onPhase: (phase) => console.log(lineOf(phase)),
});
const { requests, connections, seconds } = run.keepAlive;
console.log(`${requests} requests of a client that waits: ${connections} connection, ${seconds.toFixed(1)} s`);
const problems = broken(run);
for (const problem of problems) console.log(`BROKEN ${problem}`);
if (problems.length === 0) console.log('all promises held');
process.exitCode = problems.length > 0 ? 1 : 0;
