import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { runParts } from './run-parts.ts';
import { HELP, parseOptions, type Options } from './options.ts';
import { writeDocs } from './results/write-docs.ts';
import { describeMachine, loadAverage } from './machine.ts';
import { judge } from './results/bars.ts';
import type { Reading } from './results/readings.ts';
import { checkReference, formatReference } from './results/reference.ts';
import { asText, tablesOf } from './results/tables.ts';
import { formatResults, type Results } from './results/results.ts';

const parsed = parseOptions(process.argv.slice(2));
if (parsed.kind === 'options') await bench(parsed.options);
else if (parsed.kind === 'help') console.log(HELP);
else {
  console.error(`bench: ${parsed.problem} (see npm run bench -- --help)`);
  process.exitCode = 2;
}
process.exit();

async function bench(options: Options): Promise<void> {
  const { file, writesDocs } = options;
  const old = file !== null && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : null;
  if (writesDocs && old !== null) {
    writeDocs(old);
    return;
  }
  const load = loadAverage();
  const machine = describeMachine();
  console.log(
    `${machine}; load average before: ${load.toFixed(1)}${load > 1 ? ' (not quiet: delays mean little)' : ''}\n`,
  );
  const { readings, missing } = await runParts(options);
  const results: Results = {
    machine,
    on: new Date().toISOString().slice(0, 10),
    loads: [...(old?.loads ?? []), Number(load.toFixed(1))],
    missing: [...new Set([...(old?.missing ?? []), ...missing])],
    readings: [...(old?.readings ?? []), ...readings],
  };
  if (file !== null) writeFileSync(file, formatResults(results));
  print(results.readings);
  for (const name of missing) console.log(`not measured: ${name} is not installed`);
  if (writesDocs) writeDocs(results);
}

function print(readings: readonly Reading[]): void {
  for (const table of tablesOf(readings)) console.log(asText(table));
  console.log(formatReference(checkReference(readings)));
  for (const { verdict, what, measured, bar } of judge(readings)) {
    if (verdict !== 'missing') console.log(`${verdict.padEnd(8)}${what}: ${measured} (${bar})`);
  }
}
