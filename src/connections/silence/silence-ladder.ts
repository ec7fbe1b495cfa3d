import type { Clock, Timer } from '../../clock/clock.ts';
import { findSilenceLimit, isSameSilence, type SilenceFinding } from '../../domain/silence/find-silence-limit.ts';
import type { LadderEnd, LadderRow } from '../../domain/silence/silence-ladder-state.ts';
import type { SilenceOutcome, SilenceResult } from '../../domain/silence/silence-result.ts';
import { ControlConnection } from './control-connection.ts';
import type { OpenSilent, SilentConnection } from './silent-connection.ts';

export type LadderOptions = {
  readonly clock: Clock;
  /** The silences to try, ascending; each once. */
  readonly stepsMs: readonly number[];
  /** How many are silent at a time. */
  readonly atATime: number;
  readonly open: OpenSilent;
  readonly decided: (result: SilenceResult) => void;
  /** Called once, unless it is stopped first. Everything is closed by then. */
  readonly ended: (end: LadderEnd) => void;
};

/** A timer then shows as equal silences, an accident as one moment. */
export const BEGIN_APART_MS = 500;

type Rung = {
  readonly stepMs: number;
  readonly isRepeated: boolean;
  state: LadderRow['state'];
  silentSince: number;
  askedAfterMs: number;
  askedEarly: boolean;
  timer: Timer | null;
  connection: SilentConnection | null;
  result: SilenceResult | null;
};

/**
 * Leaves connections silent, each for its step, asks them then, and finds out which silence the path forgets. The longest begin
 * first, so that at the first that is found dead all longer ones have been silent for at least as long: they are asked at
 * once, as its witnesses. Where nothing confirms a death, its step is repeated once. A control connection that is asked
 * every second has to live through all of it.
 */
export class SilenceLadder {
  readonly #options: LadderOptions;
  readonly #control: ControlConnection;
  /** Longest first. */
  readonly #rungs: Rung[];
  readonly #results: SilenceResult[] = [];
  #next: Timer | null = null;
  #isConfirming = false;
  #isOver = false;
  #lastFailure = '';
  #hasSpoken = false;

  constructor(options: LadderOptions) {
    const { clock, open, stepsMs } = options;
    this.#options = options;
    this.#rungs = stepsMs.toReversed().map((stepMs) => newRung(stepMs, false));
    this.#control = new ControlConnection({
      clock,
      open,
      ready: () => this.#beginNext(),
      died: (why, hadAnswer) => this.#end({ kind: hadAnswer ? 'controlDied' : 'unreachable', why }),
    });
  }

  start(): void {
    this.#control.start();
  }

  /** Closes everything; `ended` is not called any more. */
  stop(): void {
    this.#isOver = true;
    this.#next?.cancel();
    this.#control.stop();
    for (const rung of this.#rungs) release(rung);
  }

  /** What the results show so far. */
  get finding(): SilenceFinding {
    return findSilenceLimit(this.#results, this.#options.stepsMs);
  }

  /** Every connection, the shortest step first. */
  get rows(): readonly LadderRow[] {
    const now = this.#options.clock.monotonic();
    const rows = this.#rungs.map(({ stepMs, isRepeated, state, silentSince, result }) => {
      const silentMs = state === 'silent' ? now - silentSince : 0;
      return { stepMs, isRepeated, state, silentMs, result };
    });
    return rows.toSorted(
      (one, other) => one.stepMs - other.stepMs || Number(one.isRepeated) - Number(other.isRepeated),
    );
  }

  #beginNext(): void {
    this.#next = null;
    if (this.#isOver) return;
    const open = this.#rungs.filter(({ state }) => state !== 'waiting' && state !== 'over').length;
    const rung = this.#rungs.find(({ state }) => state === 'waiting');
    if (rung === undefined || open >= this.#options.atATime) return;
    this.#begin(rung);
    this.#next = this.#options.clock.after(BEGIN_APART_MS, () => this.#beginNext());
  }

  #begin(rung: Rung): void {
    const { clock, open } = this.#options;
    rung.state = 'connecting';
    rung.connection = open({
      established: () => this.#beSilent(rung),
      greeted: () => {
        if (rung.state === 'silent') this.#beSilent(rung);
      },
      failed: (why) => {
        this.#lastFailure = why;
        this.#over(rung);
      },
      answered: (afterMs) =>
        this.#decide(rung, { outcome: 'survived', silentMs: rung.askedAfterMs, answeredMs: afterMs }),
      ended: (how, lastWordsMs) => {
        const silentMs =
          rung.state === 'asked' ? rung.askedAfterMs : clock.monotonic() - rung.silentSince - lastWordsMs;
        this.#decide(rung, { outcome: how, silentMs, answeredMs: null });
      },
      spoke: () => {
        this.#hasSpoken = true;
        this.#over(rung);
      },
    });
  }

  #beSilent(rung: Rung): void {
    const { clock } = this.#options;
    rung.timer?.cancel();
    rung.state = 'silent';
    rung.silentSince = clock.monotonic();
    rung.timer = clock.after(rung.stepMs, () => this.#ask(rung, false));
  }

  #ask(rung: Rung, early: boolean): void {
    rung.timer?.cancel();
    rung.state = 'asked';
    rung.askedEarly = early;
    rung.askedAfterMs = this.#options.clock.monotonic() - rung.silentSince;
    rung.connection?.ask();
  }

  #decide(
    rung: Rung,
    what: { readonly outcome: SilenceOutcome; readonly silentMs: number; readonly answeredMs: number | null },
  ): void {
    const { clock, decided } = this.#options;
    const { stepMs, isRepeated } = rung;
    const asked = rung.state !== 'asked' ? 'unasked' : rung.askedEarly ? 'early' : 'onTime';
    const result = { ...what, stepMs, isRepeated, asked, at: clock.monotonic() } as const;
    rung.result = result;
    this.#results.push(result);
    decided(result);
    if (what.outcome !== 'survived' && asked !== 'unasked') this.#askWitnesses(what.silentMs);
    this.#leaveOutWhatIsKnown(result);
    this.#over(rung);
  }

  /** All that have been silent for as long. */
  #askWitnesses(silentMs: number): void {
    const now = this.#options.clock.monotonic();
    for (const rung of this.#rungs) {
      if (rung.state === 'silent' && now - rung.silentSince >= silentMs) this.#ask(rung, true);
    }
  }

  /** Where not all are silent at the same time, time is short: what a result says of other steps need not be tried. */
  #leaveOutWhatIsKnown({ outcome, silentMs, stepMs, asked }: SilenceResult): void {
    if (this.#options.atATime >= this.#options.stepsMs.length) return;
    const isTimer =
      asked === 'unasked' &&
      this.#results.filter((other) => other.asked === 'unasked' && isSameSilence(other.silentMs, silentMs)).length > 1;
    for (const rung of this.#rungs) {
      const isShorter = outcome === 'survived' && rung.stepMs < stepMs;
      const isLonger =
        isTimer && rung.state === 'waiting' && rung.stepMs > silentMs && !isSameSilence(rung.stepMs, silentMs);
      if (rung.state === 'over' || !(isShorter || isLonger)) continue;
      rung.state = 'over';
      release(rung);
    }
  }

  #over(rung: Rung): void {
    rung.state = 'over';
    release(rung);
    if (this.#next === null) this.#beginNext();
    if (this.#rungs.every(({ state }) => state === 'over')) this.#conclude();
  }

  #conclude(): void {
    if (this.#isConfirming || this.#isOver) return;
    const { finding } = this;
    if (this.#results.length === 0) {
      this.#end(this.#hasSpoken ? { kind: 'neverSilent' } : { kind: 'unreachable', why: this.#lastFailure });
      return;
    }
    const isOpen = finding.kind === 'unconfirmed' || finding.kind === 'together';
    if (isOpen && !this.#rungs.some(({ isRepeated }) => isRepeated)) {
      const repeated = newRung(finding.stepMs, true);
      this.#rungs.push(repeated);
      this.#begin(repeated);
      return;
    }
    this.#isConfirming = true;
    this.#control.confirm(() => this.#end({ kind: 'found', finding }));
  }

  #end(end: LadderEnd): void {
    if (this.#isOver) return;
    this.stop();
    this.#options.ended(end);
  }
}

function newRung(stepMs: number, isRepeated: boolean): Rung {
  return {
    stepMs,
    isRepeated,
    state: 'waiting',
    silentSince: 0,
    askedAfterMs: 0,
    askedEarly: false,
    timer: null,
    connection: null,
    result: null,
  };
}

function release(rung: Rung): void {
  rung.timer?.cancel();
  rung.connection?.close();
  rung.timer = null;
  rung.connection = null;
}
