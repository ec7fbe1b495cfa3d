import { addressMisfit, type AddressRules } from '../../settings/address-misfit.ts';
import { labelNameProblem, labelProblem } from '../../text/label-problem.ts';
import { quoteValue } from '../../text/quote-value.ts';
import type { Partially } from '../schema/parse-partially.ts';
import { LONGEST_TARGET_LABEL } from '../../settings/target-labels.ts';
import { addProblem, type ResolveContext } from './resolve-context.ts';
import { parseTarget, type Target } from '../../text/host-port.ts';
import type { GroupValues } from '../schema/config-schema.ts';
import type { Path } from '../../yaml/path.ts';

export type LabelledTarget = {
  readonly written: string;
  /** Null: the rules of the group make of it what they do. */
  readonly target: Target | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly path: Path;
};

/** Where the targets of a group stand, and what they must fit. */
export type TargetScope = {
  readonly path: Path;
  readonly configs: Partially<GroupValues['static_configs']>;
  readonly rules: AddressRules;
  /** What `metrics.target_labels` names. */
  readonly targetLabels: readonly string[];
  /** The group has `relabel_configs`: they may make a good target of anything. */
  readonly isRelabelled: boolean;
};

/** The targets of one group that are right, in the order written. Everything else is noted as a problem. */
export function resolveTargets(context: ResolveContext, scope: TargetScope): readonly LabelledTarget[] {
  const { path, configs, rules, isRelabelled } = scope;
  const found = new Map<string, LabelledTarget>();
  for (const [index, config] of (configs ?? []).entries()) {
    const configPath = [...path, 'static_configs', index];
    const labels = resolveLabels(context, [...configPath, 'labels'], { ...scope, labels: config?.labels ?? {} });
    for (const [at, written] of (config?.targets ?? []).entries()) {
      if (written === undefined) continue;
      const targetPath = [...configPath, 'targets', at];
      if (isRelabelled) {
        found.set(`${index} ${at}`, { written, target: null, labels, path: targetPath });
        continue;
      }
      const result = parseTarget(written);
      const wrong =
        result.kind === 'invalid'
          ? result.message
          : (repetition(context, found.get(result.target.key), written) ?? addressMisfit(result.target, rules));
      if (wrong !== null) {
        context.problems.push(context.source.problemAt(targetPath, `target ${quoteValue(written)} ${wrong}`));
      }
      if (result.kind === 'target' && !found.has(result.target.key)) {
        found.set(result.target.key, { written, target: result.target, labels, path: targetPath });
      }
    }
  }
  return [...found.values()];
}

function repetition(context: ResolveContext, first: LabelledTarget | undefined, written: string): string | null {
  if (first === undefined) return null;
  const { line } = context.source.problemAt(first.path, '');
  const as = first.written === written ? '' : ` as ${quoteValue(first.written)}`;
  return `is twice in this group; the first is on line ${line}${as}`;
}

type LabelScope = Pick<TargetScope, 'targetLabels' | 'isRelabelled'> & {
  readonly labels: Readonly<Record<string, string | undefined>>;
};

function resolveLabels(context: ResolveContext, path: Path, { labels, targetLabels, isRelabelled }: LabelScope) {
  const good: Record<string, string> = {};
  for (const [name, value] of Object.entries(labels)) {
    const problem = isRelabelled ? labelNameProblem(name) : labelProblem(name);
    if (problem !== null) context.problems.push(context.source.problemAtKey([...path, name], problem));
    else if (value !== undefined) good[name] = value;
    if (isRelabelled) continue;
    if (value !== undefined && value.length > LONGEST_TARGET_LABEL && targetLabels.includes(name)) {
      const message = `is ${value.length} characters long; expected at most ${LONGEST_TARGET_LABEL}, since global.metrics.target_labels names it`;
      addProblem(context, [...path, name], message);
    }
  }
  return good;
}
