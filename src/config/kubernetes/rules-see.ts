import type { RelabelRule } from '../../settings/relabel-rule.ts';

/** Labels that a pod has, and no other object. */
const POD_LABELS = '__meta_kubernetes_pod_';
const LAST_APPLIED = 'annotation_kubectl_kubernetes_io_last_applied_configuration';

/** Whether a rule may look at a label of a pod. Where it cannot be known it may. */
export function rulesSeePods(rules: readonly RelabelRule[]): boolean {
  return rules.some(
    (rule) =>
      labelsRead(rule).some((name) => name.startsWith(POD_LABELS)) ||
      (rule.action === 'labelmap' && canMatchBeginning(rule.regex, POD_LABELS)),
  );
}

/** Whether a rule names the annotation with the manifest that kubectl applied. */
export function rulesNameLastApplied(rules: readonly RelabelRule[]): boolean {
  return rules.some(
    (rule) =>
      labelsRead(rule).some((name) => name.endsWith(LAST_APPLIED)) ||
      (rule.action === 'labelmap' && rule.regex.includes('last_applied')),
  );
}

/** The labels that a rule reads by their name. `keepequal` and `dropequal` also read the one that they compare with. */
function labelsRead({ action, sourceLabels, targetLabel }: RelabelRule): readonly string[] {
  return action === 'keepequal' || action === 'dropequal' ? [...sourceLabels, targetLabel] : sourceLabels;
}

/** Whether a pattern may match a text that begins so: it does not only where it begins with other characters. */
function canMatchBeginning(regex: string, beginning: string): boolean {
  const prefix = literalPrefix(regex);
  return beginning.startsWith(prefix) || prefix.startsWith(beginning);
}

/** The characters that every match of a pattern begins with, as far as they are plain. */
function literalPrefix(regex: string): string {
  if (hasAlternatives(regex)) return '';
  const prefix = /^\w*/.exec(regex)?.[0] ?? '';
  // What follows may say that the last character need not be there.
  return /^[?*{]/.test(regex.slice(prefix.length)) ? prefix.slice(0, -1) : prefix;
}

/** Whether there are alternatives outside all parentheses. Escapes and classes are not looked into: those are a maybe. */
function hasAlternatives(regex: string): boolean {
  let depth = 0;
  for (const character of regex) {
    if (character === '\\' || character === '[') return true;
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === '|' && depth === 0) return true;
  }
  return false;
}
