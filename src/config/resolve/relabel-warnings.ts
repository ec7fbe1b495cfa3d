import { compilePattern } from '../../relabel/pattern.ts';
import { misreadReferences } from '../../relabel/template.ts';
import type { RelabelRule } from '../../settings/relabel-rule.ts';
import type { FileProblem } from '../../text/file-problem.ts';
import { pathText, type Path } from '../../yaml/path.ts';
import type { YamlSource } from '../../yaml/yaml-source.ts';
import type { ResolvedGroup } from './resolve-groups.ts';

/** Rules that do what Prometheus does with them, and rarely what was meant. */
export function relabelWarnings(source: YamlSource, { settings, path }: ResolvedGroup): readonly FileProblem[] {
  const rules = settings.relabelRules;
  return rules.flatMap((rule, index) => {
    const rulePath = [...path, 'relabel_configs', index];
    const warnings = referenceWarnings(source, rulePath, rule);
    if (losesAddress(rule) && !rules.slice(index + 1).some(setsAddress)) {
      const message = `${pathText(rulePath)} is labelkeep and its regex does not match __address__: every target loses its address and is refused; add |__address__ to the regex`;
      warnings.push(source.problemAt(rulePath, message));
    }
    return warnings;
  });
}

/** `$1x` is the group called 1x, which there hardly is. */
function referenceWarnings(source: YamlSource, path: Path, rule: RelabelRule): FileProblem[] {
  const { action, targetLabel, replacement, regex } = rule;
  const templates = [
    { key: 'target_label', text: action === 'replace' ? targetLabel : '' },
    { key: 'replacement', text: action === 'replace' || action === 'labelmap' ? replacement : '' },
  ];
  return templates.flatMap(({ key, text }) =>
    misreadReferences(text)
      .filter((name) => !Object.hasOwn(compilePattern(regex).groupNames, name))
      .map((name) => {
        const digits = /^[0-9]+/.exec(name)?.[0] ?? '';
        const meant = `\${${digits}}${name.slice(digits.length)}`;
        const message = `${pathText([...path, key])} has $${name}, which is the value of a group called ${name}: there is none, so it is empty; write ${meant}`;
        return source.problemAt([...path, key], message);
      }),
  );
}

function losesAddress({ action, regex }: RelabelRule): boolean {
  return action === 'labelkeep' && !compilePattern(regex).test('__address__');
}

function setsAddress({ action, targetLabel }: RelabelRule): boolean {
  return action !== 'keepequal' && action !== 'dropequal' && targetLabel === '__address__';
}
