import type { Clock, Timer } from '../clock/clock.ts';
import type { SilenceFinding } from '../domain/silence/find-silence-limit.ts';
import type { LadderRow } from '../domain/silence/silence-ladder-state.ts';
import { type SilenceResult, toldSilenceMs } from '../domain/silence/silence-result.ts';
import { secondsText, type SilenceParagraph } from '../explanations/silence-words.ts';
import type { LineWriter } from '../text/line-writer.ts';
import { wrapText } from '../text/wrap-text.ts';
import { ladderLines, outcomeWords } from './ladder-lines.ts';
import { createTextPaint, type TextPaint } from './text-paint.ts';

export type LadderViewOptions = {
  readonly write: LineWriter;
  readonly colours: boolean;
  /** Null: no terminal, so one line for each result and nothing is rewritten. */
  readonly columns: () => number | null;
  readonly clock: Clock;
  readonly rows: () => readonly LadderRow[];
  readonly finding: () => SilenceFinding;
};

const EVERY_MS = 1000;
/** Prose that is wider is hard to read. */
const WIDEST = 100;
/** `LIMIT`, `WHOSE` and two spaces. */
const HEAD = 7;
/** With header, progress and the line of the cursor, they fit into 24 lines. */
const MOST_LIVE = 21;
const CLEAR_REST = '\u001b[K';

/** The ladder while it runs. In a terminal it is rewritten in place once a second, line by line: what scrolled away stays whole. */
export class LadderView {
  readonly #options: LadderViewOptions;
  readonly #paint: TextPaint;
  readonly #startedAt: number;
  #timer: Timer | null = null;
  /** Lines that stand in the terminal and are written over the next time. */
  #drawn = 0;

  constructor(options: LadderViewOptions) {
    this.#options = options;
    this.#paint = createTextPaint(options.colours);
    this.#startedAt = options.clock.monotonic();
  }

  /** Draws it now, and once a second from now on. */
  start(): void {
    const columns = this.#options.columns();
    if (columns === null) return;
    if (this.#drawn === 0) this.#options.write('');
    // A line that fills its row would lose its last character to what clears the rest.
    this.#redraw([...this.#live(columns - 1), this.#progress(columns - 1)]);
    this.#timer = this.#options.clock.after(EVERY_MS, () => this.start());
  }

  /** One more step is decided. */
  decided(result: SilenceResult): void {
    const { write, columns, clock } = this.#options;
    if (columns() !== null) return;
    const time = new Date(clock.now()).toISOString().slice(11, 19);
    write(`${time} ${secondsText(toldSilenceMs(result))} ${outcomeWords(result)}`);
  }

  /** Draws it for the last time, with what was found below. */
  finish(paragraphs: readonly SilenceParagraph[], sentence: string | null): void {
    const { write, columns } = this.#options;
    this.#timer?.cancel();
    const width = columns();
    if (width !== null) this.#redraw(this.#ladder(width - 1));
    write('');
    for (const { head, text } of paragraphs) {
      const [first = '', ...more] = wrapText(text, width && Math.min(width, WIDEST) - HEAD);
      write(`${this.#paint('name', head.padEnd(HEAD))}${first}`);
      for (const line of more) write(`${' '.repeat(HEAD)}${line}`);
    }
    if (sentence === null) return;
    write('');
    write(this.#paint('name', 'To paste:'));
    for (const line of wrapText(sentence, width && Math.min(width, WIDEST))) write(line);
  }

  #ladder(columns: number): readonly string[] {
    const { rows, finding } = this.#options;
    return ladderLines(rows(), { finding: finding(), columns, paint: this.#paint });
  }

  /** No more lines than a small terminal has: what scrolled out of it could not be written over. */
  #live(columns: number): readonly string[] {
    const [header = '', ...lines] = this.#ladder(columns);
    if (lines.length <= MOST_LIVE) return [header, ...lines];
    const rows = this.#options.rows();
    return [header, ...lines.filter((_, at) => rows[at]?.state !== 'over').slice(0, MOST_LIVE)];
  }

  #progress(columns: number): string {
    const { clock, rows, finding } = this.#options;
    const { survivedMs } = finding();
    const gone = secondsText(Math.floor((clock.monotonic() - this.#startedAt) / 1000) * 1000);
    const waits = rows()
      .filter(({ state }) => state === 'silent')
      .map(({ stepMs, silentMs }) => stepMs - silentMs);
    const survived = survivedMs === null ? '' : ` Survived so far: ${secondsText(survivedMs)}.`;
    const next =
      waits.length === 0 ? '' : ` Next answer in ${secondsText(Math.ceil(Math.min(...waits) / 1000) * 1000)}.`;
    return `  ${gone} gone.${survived}${next}`.slice(0, columns);
  }

  #redraw(lines: readonly string[]): void {
    const { write } = this.#options;
    const up = this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A`;
    // A shorter drawing leaves empty lines where the longer one stood; they go with what is written next.
    const height = Math.max(lines.length, this.#drawn);
    const all = Array.from({ length: height }, (_, at) => `${lines[at] ?? ''}${CLEAR_REST}`);
    write(up + all.join('\n'));
    if (height > lines.length) write(`\u001b[${height - lines.length + 1}A`);
    this.#drawn = lines.length;
  }
}
