import type { InheritedSettings } from '../../settings/peer-settings.ts';
import type { Partially } from '../schema/parse-partially.ts';
import { shown } from '../schema/parse-partially.ts';
import type { Reading } from './reading.ts';
import { literalFamily, parseTarget } from '../../text/host-port.ts';
import type { Target } from '../../text/host-port.ts';
import type { GroupValues } from '../schema/config-schema.ts';
import type { Path } from '../yaml/yaml-source.ts';

export type LabelledTarget = {
  readonly written: string;
  readonly target: Target;
  readonly labels: Readonly<Record<string, string>>;
  readonly path: Path;
};

/** What the addresses of a group must fit. */
export type AddressRules = Pick<InheritedSettings, 'ipFamily' | 'sourceAddress'>;

const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
/** Labels that Finrst, the histogram format or Prometheus itself gives. */
const TAKEN_LABELS: ReadonlySet<string> = new Set(['group', 'peer', 'address', 'le', 'job', 'instance']);

/** Where the targets of a group stand, and what they must fit. */
export type TargetScope = {
  readonly path: Path;
  readonly configs: Partially<GroupValues['static_configs']>;
  readonly rules: AddressRules;
};

/** The targets of one group that are right, in the order written. Everything else is noted as a problem. */
export function resolveTargets(reading: Reading, { path, configs, rules }: TargetScope): readonly LabelledTarget[] {
  const found = new Map<string, LabelledTarget>();
  for (const [index, config] of (configs ?? []).entries()) {
    const configPath = [...path, 'static_configs', index];
    const labels = resolveLabels(reading, [...configPath, 'labels'], config?.labels ?? {});
    for (const [at, written] of (config?.targets ?? []).entries()) {
      if (written === undefined) continue;
      const targetPath = [...configPath, 'targets', at];
      const result = parseTarget(written);
      const wrong =
        result.kind === 'invalid'
          ? result.message
          : (repetition(reading, found.get(result.target.key), written) ?? addressMisfit(result.target, rules));
      if (wrong !== null) {
        reading.problems.push(reading.source.problemAt(targetPath, `target ${shown(written)} ${wrong}`));
      }
      if (result.kind === 'target' && !found.has(result.target.key)) {
        found.set(result.target.key, { written, target: result.target, labels, path: targetPath });
      }
    }
  }
  return [...found.values()];
}

function repetition(reading: Reading, first: LabelledTarget | undefined, written: string): string | null {
  if (first === undefined) return null;
  const { line } = reading.source.problemAt(first.path, '');
  const as = first.written === written ? '' : ` as ${shown(first.written)}`;
  return `is twice in this group; the first is on line ${line}${as}`;
}

/** Why a literal address cannot be reached under these rules, null when it can. */
export function addressMisfit({ literal }: Target, { ipFamily, sourceAddress }: AddressRules): string | null {
  if (literal === null) return null;
  if (ipFamily !== 'any' && ipFamily !== `ipv${literal}`) {
    return `is an IPv${literal} address, but ip_family is ${ipFamily}`;
  }
  const source = sourceAddress === null ? null : literalFamily(sourceAddress);
  if (source !== null && source !== literal) {
    return `is an IPv${literal} address, but source_address ${sourceAddress} is an IPv${source} address`;
  }
  return null;
}

function resolveLabels(reading: Reading, path: Path, labels: Readonly<Record<string, string | undefined>>) {
  const good: Record<string, string> = {};
  for (const [name, value] of Object.entries(labels)) {
    const problem = labelProblem(name);
    if (problem !== null) reading.problems.push(reading.source.problemAtKey([...path, name], problem));
    else if (value !== undefined) good[name] = value;
  }
  return good;
}

/** What is wrong with the name of a target's label, as a sentence; null: nothing. */
export function labelProblem(name: string): string | null {
  if (!LABEL_NAME.test(name)) {
    return `label ${shown(name)} is no Prometheus label name; expected letters, digits and _, not beginning with a digit`;
  }
  if (TAKEN_LABELS.has(name)) return `label ${name} is given by Finrst or Prometheus itself; choose another name`;
  if (name.startsWith('__'))
    return `label ${name} begins with __, which Prometheus keeps to itself; choose another name`;
  return null;
}
