/** How a silence ended: somebody answered after it, nothing came back, or a reset or a FIN came. */
export type SilenceOutcome = 'survived' | 'silent' | 'reset' | 'fin';

/** What became of one connection that was left silent. */
export type SilenceResult = {
  /** How long it was to be silent. */
  readonly stepMs: number;
  /** How long it was: until it was asked, or until it ended by itself. */
  readonly silentMs: number;
  readonly outcome: SilenceOutcome;
  /** `onTime`: asked after its step; `early`: asked before, as a witness; `unasked`: it ended before anybody asked. */
  readonly asked: 'onTime' | 'early' | 'unasked';
  /** When the outcome was seen, monotonic. */
  readonly at: number;
  /** From the question to the answer; null: none came. */
  readonly answeredMs: number | null;
  /** The second connection of a step, to confirm what became of the first. */
  readonly isRepeated: boolean;
};

/** The silence as people are told it: the step, but for a witness that was asked before its step was over. */
export function toldSilenceMs({ asked, stepMs, silentMs }: SilenceResult): number {
  return asked === 'early' ? silentMs : stepMs;
}
