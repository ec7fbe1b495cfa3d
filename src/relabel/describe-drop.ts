import { quoteValue } from '../text/quote-value.ts';
import type { Drop } from './compile-relabel-rules.ts';

/** Who looks for a difference needs all of both; an annotation may have 256 KiB. */
const LONGEST_QUOTED = 1000;

/** Why a target is dropped, as `finrst discover` says it: the rule, then its pattern and the value side by side. */
export function describeDrop(drop: Drop): string {
  const { rule, settings } = drop;
  const { action, regex } = settings;
  const comparesLabels = action === 'keepequal' || action === 'dropequal';
  const pattern = comparesLabels ? '' : `, regex ${quoted(regex)}`;
  return `dropped by relabel_configs[${rule}] (${action}${pattern}): ${comparesLabels ? comparison(drop) : match(drop)}`;
}

function match({ settings: { action, sourceLabels, separator }, value }: Drop): string {
  const matched = action === 'drop' ? 'matches' : 'does not match';
  if (sourceLabels.length === 0) return `it has no source_labels, and "" ${matched}`;
  const names = sourceLabels.join(separator);
  const isSet = value !== separator.repeat(sourceLabels.length - 1);
  if (isSet) return `${names} is ${quoted(value)}, which ${matched}`;
  return `${sourceLabels.join(', ')} ${sourceLabels.length === 1 ? 'is' : 'are'} not set${action === 'drop' ? ', which matches' : ''}`;
}

function comparison({ settings: { action, sourceLabels, separator, targetLabel }, value, targetValue }: Drop): string {
  const names = sourceLabels.join(separator);
  if (action === 'dropequal') return `${names} and ${targetLabel} are both ${quoted(value)}`;
  return `${names} is ${quoted(value)}, ${targetLabel} is ${quoted(targetValue)}`;
}

function quoted(text: string): string {
  return quoteValue(text, LONGEST_QUOTED);
}
