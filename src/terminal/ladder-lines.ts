import type { LadderRow } from '../domain/silence/silence-ladder-state.ts';
import type { SilenceFinding } from '../domain/silence/find-silence-limit.ts';
import { type SilenceResult, toldSilenceMs } from '../domain/silence/silence-result.ts';
import { KNOWN_LIMITS } from '../explanations/known-limits.ts';
import { secondsText } from '../explanations/silence-words.ts';
import { readableDuration } from '../text/figures.ts';
import type { Style, TextPaint } from './text-paint.ts';

/** Widths of the columns: the silence, and what came after it. */
const SILENCE = 9;
const AFTER = 24;
/** A bar is that wide whatever its step: each fills at the end of its own silence. */
const BAR = 20;

type Cell = { readonly text: string; readonly style: Style };

/** The ladder as lines of at most `columns` characters, its header first. */
export function ladderLines(
  rows: readonly LadderRow[],
  {
    finding,
    columns,
    paint,
  }: { readonly finding: SilenceFinding; readonly columns: number; readonly paint: TextPaint },
): readonly string[] {
  const header = line({
    cells: ['SILENCE', 'AFTER IT', 'IS IT THIS LIMIT?'].map((text) => ({ text, style: 'name' as const })),
    columns,
    paint,
  });
  const lines = rows.map((row, at) => {
    const shorter = rows[at - 1]?.stepMs ?? 0;
    const cells = [
      { text: secondsText(row.result === null ? row.stepMs : toldSilenceMs(row.result)), style: 'plain' as const },
    ];
    return line({ cells: [...cells, after(row), suspect(row, shorter, finding)], columns, paint });
  });
  return [header, ...lines];
}

function line({
  cells: [silence, after, suspect],
  columns,
  paint,
}: {
  readonly cells: readonly Cell[];
  readonly columns: number;
  readonly paint: TextPaint;
}): string {
  const padded = [
    { ...silence, text: (silence?.text ?? '').padStart(SILENCE) },
    { ...after, text: `  ${after?.text ?? ''}`.padEnd(AFTER + 2) },
    { ...suspect, text: suspect?.text ? `  ${suspect.text}` : '' },
  ];
  let left = columns;
  let text = '';
  for (const cell of padded) {
    const cut = cell.text.slice(0, left);
    left -= cut.length;
    text += paint(cell.style ?? 'plain', cut);
  }
  return text.trimEnd();
}

function after({ state, silentMs, stepMs, result }: LadderRow): Cell {
  if (result !== null) return { text: outcomeWords(result), style: outcomeStyle(result) };
  switch (state) {
    case 'waiting':
      return { text: 'waits', style: 'muted' };
    case 'connecting':
      return { text: 'connects', style: 'muted' };
    case 'silent': {
      const filled = Math.min(BAR, Math.floor((silentMs / stepMs) * BAR));
      return { text: '#'.repeat(filled) + '-'.repeat(BAR - filled), style: 'muted' };
    }
    case 'asked':
      return { text: 'asked', style: 'plain' };
    case 'over':
      return { text: 'left out', style: 'muted' };
  }
}

/** What became of a silence, in a few words. */
export function outcomeWords({ outcome, asked, answeredMs, silentMs }: SilenceResult): string {
  switch (outcome) {
    case 'survived':
      return answeredMs === null ? 'answered' : `answered in ${readableDuration(answeredMs)}`;
    case 'silent':
      return 'FORGOTTEN, no answer';
    case 'reset':
    case 'fin': {
      const how = outcome === 'fin' ? 'FIN' : 'reset';
      return asked === 'unasked' ? `CLOSED at ${secondsText(silentMs)}, ${how}` : `FORGOTTEN, ${how}`;
    }
  }
}

function outcomeStyle({ outcome }: SilenceResult): Style {
  if (outcome === 'survived') return 'good';
  return outcome === 'silent' ? 'warning' : 'bad';
}

/** Who is known for a limit between the step before and this one, and whether it can still be that. */
function suspect({ stepMs, isRepeated, result }: LadderRow, shorterMs: number, finding: SilenceFinding): Cell {
  if (isRepeated) return { text: '(the same again)', style: 'muted' };
  if (result?.asked === 'early') return { text: `(that for ${secondsText(stepMs)}, asked early)`, style: 'muted' };
  const known = KNOWN_LIMITS.find(
    ({ seconds, hasBucket }) => hasBucket && seconds * 1000 > shorterMs && seconds * 1000 <= stepMs,
  );
  if (known === undefined) return { text: '', style: 'plain' };
  const name = `${known.seconds} s, ${known.short}`;
  if (result?.outcome === 'survived') return { text: `no: ${name}`, style: 'muted' };
  const isHere = finding.kind === 'limit' && finding.fatalMs === stepMs;
  return isHere ? { text: `here: ${name}`, style: 'name' } : { text: name, style: 'plain' };
}
