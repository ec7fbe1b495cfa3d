import type { HistorySummary, ChangeKind } from '../../sinks/status/peer-history.ts';
import { html, type Html } from './html.ts';
import { chartMark } from './page-parts.ts';

const WIDTH = 192;
export const STRIP_MS = 21_600_000;
/** Marks nearer than this would cover each other: they are one. */
const NEAREST = 8;
/** A peer that is down shows at least so much of a broken line. */
const LEAST_DOWN = 12;

/** The worst first: it gives one mark for several its shape. */
const WORST_FIRST = ['error', 'idle_timeout', 'eof', 'announced', 'local'] as const;
type EndKind = (typeof WORST_FIRST)[number];

type Drawn = { readonly x: number; readonly kind: EndKind; readonly isMany: boolean };

/** The last six hours of a peer as one line: held where it is whole, down where it is broken, with a mark for each end. */
export function stripOf({ changes, since }: HistorySummary, isUp: boolean, now: number): Html {
  const at = (time: number): number => Math.max(0, WIDTH * (1 - (now - time) / STRIP_MS));
  const seen = changes.filter((change) => change.at > now - STRIP_MS);
  const before = changes.findLast((change) => change.at <= now - STRIP_MS);
  const held = new Pieces();
  const broken = new Pieces();
  let from = before === undefined ? at(seen[0]?.at ?? since) : 0;
  let isHeld = before?.kind === 'connected';
  // Of a peer that failed from the start on nothing else is known.
  if (before === undefined && seen.length === 0) from = at(since);
  for (const { at: time, kind } of seen) {
    const x = at(time);
    if (before !== undefined || time !== seen[0]?.at) (isHeld ? held : broken).add(from, x);
    from = x;
    isHeld = kind === 'connected';
  }
  const end = isUp ? WIDTH : WIDTH - LEAST_DOWN;
  (isUp ? held : broken).add(from, WIDTH);
  if (!isUp && from > end) broken.add(end, WIDTH);
  const marks = joined(seen.flatMap(({ at: time, kind }) => markedAt(Math.min(at(time), end), kind)));
  return html`<svg viewBox="0 0 192 20" role="img">
    <title>${wordsOf(seen, isUp)}</title>
    ${held.path('up')}${broken.path('down')}${marks.map(drawn)}
  </svg>`;
}

function drawn({ x, kind, isMany }: Drawn): Html {
  const bar = isMany && html`<path class="many" d="M${(x - 3).toFixed(1)} 17H${(x + 3).toFixed(1)}" />`;
  return html`${chartMark(kind, x.toFixed(1), 10)}${bar}`;
}

function markedAt(x: number, kind: ChangeKind): Drawn[] {
  return kind === 'connected' || kind === 'failed' ? [] : [{ x, kind, isMany: false }];
}

function joined(marks: readonly Drawn[]): readonly Drawn[] {
  const result: Drawn[] = [];
  for (const mark of marks) {
    const last = result.at(-1);
    if (last === undefined || mark.x - last.x >= NEAREST) {
      result.push(mark);
      continue;
    }
    const kind = WORST_FIRST.find((each) => each === last.kind || each === mark.kind) ?? mark.kind;
    result[result.length - 1] = { x: last.x, kind, isMany: true };
  }
  return result;
}

function wordsOf(seen: HistorySummary['changes'], isUp: boolean): string {
  const ends = new Map<string, number>();
  for (const { kind } of seen) {
    if (kind === 'connected' || kind === 'failed') continue;
    ends.set(kind, (ends.get(kind) ?? 0) + 1);
  }
  const counted = [...ends].map(([kind, count]) => `${count} ${kind === 'local' ? 'closed by us' : kind}`);
  return `Last 6 hours: ${counted.length === 0 ? 'no end' : counted.join(', ')}; now ${isUp ? 'connected' : 'not connected'}`;
}

/** Pieces of one line. */
class Pieces {
  readonly #moves: string[] = [];

  add(from: number, to: number): void {
    if (to - from > 0.05) this.#moves.push(`M${from.toFixed(1)} 10H${to.toFixed(1)}`);
  }

  path(name: string): Html | null {
    return this.#moves.length === 0 ? null : html`<path class="${name}" d="${this.#moves.join('')}" />`;
  }
}
