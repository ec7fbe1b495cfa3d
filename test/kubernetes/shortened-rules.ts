import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../deploy/rendered-chart.ts';

const MILLISECONDS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** A window, an offset, or one of the durations of a group or a rule. */
const DURATION = /(\[| offset |^ +(?:interval|for|keep_firing_for): )(\d+)([smhd])\b/gm;

/** The rules that ship with Finrst, with every duration in them divided by one factor. */
export function shortenedRules(factor: number): string {
  const rules = readFileSync(join(ROOT, 'deploy/rules/finrst.rules.yaml'), 'utf8');
  return rules.replaceAll(DURATION, (_, before: string, count: string, unit: string) => {
    return `${before}${Math.round((Number(count) * (MILLISECONDS[unit] ?? 0)) / factor)}ms`;
  });
}
