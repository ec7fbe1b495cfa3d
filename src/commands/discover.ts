import type { Discovered } from '../daemon/discover-targets.ts';
import type { SourceEntry } from '../domain/events/discovery-events.ts';
import { foundOnHostJson, proposedConfig } from '../terminal/proposed-config.ts';
import { connectionLines, targetLines } from '../terminal/target-lines.ts';
import { formatDuration } from '../text/duration.ts';
import { formatProblems } from '../text/file-problem.ts';
import { nearestWord } from '../text/nearest-word.ts';
import { quoted, safeText } from '../text/safe-text.ts';
import { EXIT, command } from './command.ts';
import { durationFlag, switchFlag, textFlag } from './flags/flag.ts';
import type { Runtime } from './runtime.ts';

const FLAGS = {
  group: textFlag(null, 'NAME', 'Only this group.'),
  host: switchFlag(
    'Instead of a file: propose a configuration, as YAML, that observes what the processes of this host hold now.',
  ),
  for: durationFlag(10_000, 'How long sources, and look-ups of names with --host, may take.'),
  json: switchFlag(
    'Print one JSON object, as /api/v1/targets answers it, with all that was dropped; with --host what was found.',
  ),
};

/** Runs discovery without holding anything, or looks around on this host. Exit 0, 1 where something could not be found out or not be held, 2 for misuse or a bad file. */
export const discover = command({
  name: 'discover',
  usage: 'finrst discover FILE|--host [flags]',
  summary: 'find the targets of a configuration: each with its peer, or the rule that dropped it',
  about: [
    'Asks every source of targets in a configuration file once, connects to no peer, and prints what becomes of each',
    'target: its address, peer and labels, or why it is no peer: the rule that dropped it, with its value and pattern.',
    'At the end the connections that each address gets. Exit code 1: a source failed or did not answer in time, or a',
    'group has more targets than its target_limit.',
    '',
    'With --host: the connections that other processes of this host have opened, in every network namespace that can be',
    'seen, by peer; names come from /etc/hosts, and from DNS where they lead back to the address. Processes and counts',
    'are comments. What cannot be seen without more rights is said.',
  ].join('\n'),
  flags: FLAGS,
  examples: [
    'finrst discover finrst.yml',
    'finrst discover finrst.yml --group=payments-redis --json',
    'finrst discover --host >finrst.yml',
  ],
  operands: { least: 0, most: 1, completes: 'files' },
  async run(runtime, values, [file = '']) {
    if (values.host) return onHost(runtime, values, file);
    if (file === '') return misused(runtime, 'name a file, or --host');
    const { clock, random, build, printError, printWhole, readFile } = runtime;
    const { loadConfig } = await import('../config/load-config.ts');
    const result = await loadConfig({ file, readFile });
    if (result.kind === 'invalid') {
      for (const problem of formatProblems(result.problems)) printError(problem);
      return EXIT.misused;
    }
    const { config } = result;
    const groups = config.groups.filter(({ name }) => values.group === null || name === values.group);
    if (values.group !== null && groups.length === 0) {
      printError(`finrst discover: ${noSuchGroup(file, values.group, config.groups)}`);
      return EXIT.misused;
    }
    for (const warning of config.warnings) printError(warning);
    const found = await runtime.discoverTargets({ clock, random, build, groups, forMs: values.for });
    const names = groups.map(({ name }) => name);
    await printWhole(
      values.json ? [jsonOf(found)] : [...targetLines(names, found.targets), ...connectionLines(found.targets)],
    );
    const problems = problemsOf(found, values.for);
    for (const problem of problems) printError(safeText(problem));
    return problems.length > 0 ? EXIT.failed : EXIT.ok;
  },
});

type HostValues = { readonly group: string | null; readonly for: number; readonly json: boolean };

/** Everything that it may not look at is a line of stderr, and no failure: an own user sees its own processes. */
async function onHost(runtime: Runtime, values: HostValues, file: string): Promise<number> {
  if (file !== '') return misused(runtime, '--host looks at this host and reads no file');
  if (values.group !== null) return misused(runtime, '--group is of a file, and --host reads none');
  const found = await runtime.discoverHost({ clock: runtime.clock, forMs: values.for });
  if (found.kind === 'failed') {
    runtime.printError(`finrst discover: ${safeText(found.problem)}`);
    return EXIT.failed;
  }
  await runtime.printWhole(values.json ? [foundOnHostJson(found)] : proposedConfig(found));
  for (const each of found.missing) runtime.printError(`not seen: ${safeText(each)}`);
  return EXIT.ok;
}

function misused({ printError }: Runtime, message: string): number {
  printError(`finrst discover: ${message} (see finrst discover --help)`);
  return EXIT.misused;
}

function noSuchGroup(file: string, group: string, groups: readonly { readonly name: string }[]): string {
  const names = groups.map(({ name }) => name);
  const meant = nearestWord(group, names);
  const there = names.length <= 10 ? `there are ${names.map(quoted).join(', ')}` : `there are ${names.length} others`;
  const hint = meant === null ? there : `did you mean ${quoted(meant)}?`;
  return `${safeText(file)} has no group ${quoted(group)}; ${names.length === 0 ? 'it has none' : hint}`;
}

function jsonOf({ targets, dropped }: Discovered): string {
  return JSON.stringify({ targets, dropped });
}

/** What keeps the answer from being whole, one sentence each, that names the key. */
function problemsOf({ failures, unanswered, overLimit, isCut }: Discovered, forMs: number): readonly string[] {
  const time = formatDuration(forMs);
  return [
    ...failures.map(({ groups, why, place }) => {
      const where = groups.map(whereOf).join(', ');
      return `${where} failed: ${place === null ? '' : `${place}: `}${why}`;
    }),
    ...unanswered.map((entry) => `${whereOf(entry)} did not answer within ${time}; give it longer with --for`),
    ...overLimit.map(
      ({ group, targets, limit }) =>
        `group ${quoted(group)}: ${targets} targets are left after the rules, and target_limit is ${limit}: ` +
        'a daemon that starts with them holds none; raise it, or drop more',
    ),
    ...(isCut ? [`what was found could not be looked at within ${time}; give it longer with --for`] : []),
  ];
}

function whereOf({ group, entry }: SourceEntry): string {
  return `group ${quoted(group)}: ${entry}`;
}
