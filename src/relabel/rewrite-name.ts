import type { Pattern } from './pattern.ts';
import { expandTemplate, type Template } from './template.ts';

/** The name with each match replaced, as Go's ReplaceAllString does; null: there is no match. */
export function rewriteName(name: string, pattern: Pattern, replacement: Template): string | null {
  if (!pattern.test(name)) return null;
  let rewritten = '';
  let end = 0;
  for (const { index, groups } of pattern.matchAll(name)) {
    const next = index + (groups[0] ?? '').length;
    rewritten += name.slice(end, index);
    // An empty match right behind another one does not count.
    if (next > end || index === 0) rewritten += expandTemplate(replacement, groups);
    end = next;
  }
  return rewritten + name.slice(end);
}
