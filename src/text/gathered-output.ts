import type { Clock } from '../clock/clock.ts';
import type { TextOutput } from './line-writer.ts';

/** More than this waits for no turn to end. */
const MOST_GATHERED = 64 * 1024;

/**
 * What is written in one turn of the event loop goes out in one write, in its order: in a storm of ends the write of each
 * line was a tenth of the work. `flush` writes what was gathered at once; who ends the process calls it.
 */
export class GatheredOutput implements TextOutput {
  readonly #output: TextOutput;
  readonly #clock: Pick<Clock, 'afterPoll'>;
  #gathered = '';

  constructor(output: TextOutput, clock: Pick<Clock, 'afterPoll'>) {
    this.#output = output;
    this.#clock = clock;
  }

  write(text: string): boolean {
    if (this.#gathered === '') this.#clock.afterPoll(() => this.flush());
    this.#gathered += text;
    if (this.#gathered.length >= MOST_GATHERED) this.flush();
    return this.#output.writableLength === 0;
  }

  get writableLength(): number {
    return this.#output.writableLength + this.#gathered.length;
  }

  on(event: 'drain', listener: () => void): unknown {
    return this.#output.on(event, listener);
  }

  flush(): void {
    if (this.#gathered === '') return;
    const text = this.#gathered;
    this.#gathered = '';
    this.#output.write(text);
  }
}
