import { LONGEST_LABEL_NAME, MOST_LABELS } from '../settings/target-labels.ts';
import { nearestWord } from '../text/nearest-word.ts';
import { quoteValue } from '../text/quote-value.ts';
import type { FileProblem } from '../text/file-problem.ts';
import { pathText, type Path } from '../yaml/path.ts';
import { isPlainList, isPlainMap, type Plain } from '../yaml/plain.ts';
import type { PlacedValue } from './placed-value.ts';
import type { ListedTargets, TargetListResult } from './target-list.ts';

/** One mistake of a script is as many problems as it wrote entries. */
const MOST_PROBLEMS = 100;
const KEYS = ['targets', 'labels'];
/** The names that Prometheus' text formats have; UTF-8 names are none of them. */
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const NO_LABELS: ListedTargets['labels'] = {};

/**
 * Checks the grammar of a target list: a list of `{targets: [text], labels: {name: text}}`, and nothing else. Whether a
 * target is HOST:PORT is not asked here, since rules may still change it. A list that is wrong in one place is wrong.
 */
export function checkTargetList(source: PlacedValue): TargetListResult {
  const walk: Walk = { source, problems: [...source.problems] };
  const entries = walk.problems.length > 0 ? [] : listOf(source.root ?? null, walk);
  if (walk.problems.length === 0) return { kind: 'list', entries };
  return { kind: 'wrong', problems: walk.problems.slice(0, MOST_PROBLEMS) };
}

type Walk = { readonly source: PlacedValue; readonly problems: FileProblem[] };

function listOf(root: Plain, walk: Walk): readonly ListedTargets[] {
  if (root === null) return [];
  if (!isPlainList(root)) {
    refuse(
      walk,
      [],
      `holds ${describe(root)}; expected a list; begin the file with "- targets:", or in JSON with [{"targets":`,
    );
    return [];
  }
  const entries: ListedTargets[] = [];
  for (const [index, entry] of root.entries()) {
    if (walk.problems.length >= MOST_PROBLEMS) break;
    entries.push(entryOf(entry, [index], walk));
  }
  return entries;
}

function entryOf(entry: Plain, path: Path, walk: Walk): ListedTargets {
  if (!isPlainMap(entry)) {
    refuse(walk, path, `is ${describe(entry)}; expected a map with targets and labels`);
    return { targets: [], labels: NO_LABELS };
  }
  for (const key of Object.keys(entry)) {
    if (KEYS.includes(key)) continue;
    const near = nearestWord(key, KEYS);
    const hint = near === null ? `known here: ${KEYS.join(', ')}` : `did you mean ${near}?`;
    walk.problems.push(walk.source.problemAtKey([...path, key], `unknown key ${quoteValue(key)}; ${hint}`));
  }
  return {
    targets: targetsOf(entry['targets'], [...path, 'targets'], walk),
    labels: labelsOf(entry['labels'], [...path, 'labels'], walk),
  };
}

function targetsOf(written: Plain | undefined, path: Path, walk: Walk): readonly string[] {
  if (written === undefined || written === null) return [];
  if (!isPlainList(written)) {
    refuse(walk, path, `is ${describe(written)}; expected a list of HOST:PORT`);
    return [];
  }
  const targets: string[] = [];
  for (const [index, target] of written.entries()) {
    if (walk.problems.length >= MOST_PROBLEMS) break;
    if (typeof target === 'string' || target === null) targets.push(target ?? '');
    else refuse(walk, [...path, index], `is ${describe(target)}; expected HOST:PORT${quotes(target)}`);
  }
  return targets;
}

function labelsOf(written: Plain | undefined, path: Path, walk: Walk): ListedTargets['labels'] {
  if (written === undefined || written === null) return NO_LABELS;
  if (!isPlainMap(written)) {
    refuse(walk, path, `is ${describe(written)}; expected a map of label names to strings`);
    return NO_LABELS;
  }
  const count = Object.keys(written).length;
  if (count > MOST_LABELS) {
    refuse(walk, path, `has ${count} labels; expected at most ${MOST_LABELS}`);
    return NO_LABELS;
  }
  const labels: (readonly [string, string])[] = [];
  for (const [name, value] of Object.entries(written)) {
    if (name.length > LONGEST_LABEL_NAME) {
      const message = `label ${quoteValue(name)} has ${name.length} characters; expected at most ${LONGEST_LABEL_NAME}`;
      walk.problems.push(walk.source.problemAtKey([...path, name], message));
    } else if (!LABEL_NAME.test(name)) {
      const message = `label ${quoteValue(name)} is no Prometheus label name; expected letters, digits and _, not beginning with a digit`;
      walk.problems.push(walk.source.problemAtKey([...path, name], message));
    } else if (typeof value === 'string') {
      // To Prometheus an empty label is no label.
      if (value !== '') labels.push([name, value]);
    } else if (value !== null) {
      refuse(walk, [...path, name], `is ${describe(value)}; expected a string${quotes(value)}`);
    }
  }
  return Object.fromEntries(labels);
}

function refuse({ source, problems }: Walk, path: Path, message: string): void {
  problems.push(source.problemAt(path, `${path.length === 0 ? 'the text' : pathText(path)} ${message}`));
}

function describe(value: Plain): string {
  return quoteValue(value);
}

function quotes(value: Plain): string {
  return typeof value === 'object' ? '' : '; write it in quotes';
}
