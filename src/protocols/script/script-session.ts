import type { Goodbye } from '../../domain/goodbye.ts';
import { type AnswerMatcher, createAnswerMatcher } from '../answer-matcher.ts';
import { latin1 } from '../latin1.ts';
import { LineReader } from '../line-reader.ts';
import { notOurs } from '../not-ours.ts';
import type { Farewell, Session, Step } from '../session.ts';
import type { CompiledScript, CompiledStep, Expectation, Saying } from './compile-script.ts';
import { codeOf } from './reply-code.ts';
import { renderTemplate } from './render-template.ts';

/** What is looked at of a line: replies say what they mean in their first words. */
const LOOKED_AT = 512;
/**
 * What patterns may take for one piece, in nanoseconds, by the most that their characters take: a peer that fills 64 KiB with
 * lines that fit nothing would hold the event loop for longer than a piece may. A greeting of 100 lines takes half of it with 20
 * patterns.
 */
const MOST_LOOKING_NS = 10_000_000;
/** To begin with a line takes as long as so many characters of it. */
const CHARACTERS_TO_BEGIN = 32;
/** Of a group that a pattern captured. */
const LONGEST_CAPTURE = /^[ -~]{1,256}$/;

const UNSENDABLE = 'a value to be sent is missing or holds control characters';

const NOTHING: readonly Step[] = [];

/** `securing`: the handshake of TLS goes on. */
type State = 'opening' | 'securing' | 'held' | 'saidGoodbye' | 'over';
type Line = { readonly text: string; readonly steps: Step[] };

/** One connection by a script: sends and expects in steps, then holds and listens for goodbyes. */
export class ScriptSession implements Session {
  readonly #script: CompiledScript;
  readonly #lines = new LineReader();
  /** What can be sent by name; null once the login is done: a held connection needs no password. */
  #values: Map<string, string> | null;
  #state: State = 'opening';
  #at = 0;
  #isRecognized: boolean;
  /** Bytes are awaited, not lines. */
  #matcher: AnswerMatcher | null = null;
  #isAsked = false;
  #beat: Uint8Array | null = null;
  #farewell: Uint8Array | null = null;

  constructor(script: CompiledScript, values: ReadonlyMap<string, string>) {
    this.#script = script;
    this.#values = new Map(values);
    this.#isRecognized = script.first === null;
  }

  start(): readonly Step[] {
    const steps: Step[] = [];
    this.#advance(steps);
    return steps;
  }

  secured(): readonly Step[] {
    if (this.#state !== 'securing') return NOTHING;
    this.#state = 'opening';
    return this.start();
  }

  derived(): readonly Step[] {
    return NOTHING; // nothing was asked for
  }

  received(bytes: Uint8Array): readonly Step[] {
    // In the middle of a handshake bytes go to TLS; whoever gives them to us anyway has lost the order.
    if (this.#state === 'securing') return [this.#refusal('protocol_error')];
    const steps: Step[] = [];
    this.#lines.feed(bytes);
    let lookingNs = 0;
    while (this.#state === 'opening' || this.#state === 'held') {
      if (this.#matcher !== null) {
        if (!this.#takeBytes(this.#matcher, steps)) break;
        continue;
      }
      const next = this.#lines.next();
      if (next.kind === 'more') break;
      const text = next.kind === 'line' ? next.text.slice(0, LOOKED_AT) : '';
      lookingNs += (text.length + CHARACTERS_TO_BEGIN) * this.#script.nsPerCharacter;
      if (next.kind === 'broken') steps.push(this.#broken('a line was longer than 8 KiB'));
      else if (lookingNs > MOST_LOOKING_NS) steps.push(this.#broken('too many lines came that no pattern fits'));
      else if (this.#state === 'held') this.#takeHeld({ text, steps });
      else this.#takeOpening({ text, steps });
    }
    if (this.#state === 'opening' && !this.#isRecognized)
      this.#recognize(latin1(this.#lines.begun.subarray(0, 8)), steps);
    return steps;
  }

  beat(): readonly Step[] {
    const { heartbeat } = this.#script;
    if (heartbeat === null || this.#beat === null) return NOTHING;
    this.#isAsked = true;
    this.#await(heartbeat.expect);
    return [{ kind: 'send', bytes: this.#beat }];
  }

  farewell(): Farewell | null {
    return this.#state === 'held' && this.#farewell !== null ? { bytes: this.#farewell, awaited: false } : null;
  }

  /** Sends what is to be sent, up to the next answer or the end of the login. */
  #advance(steps: Step[]): void {
    for (;;) {
      const step = this.#script.login[this.#at];
      if (step === undefined) return this.#hold(steps);
      if (step.kind === 'expect') return this.#await(step.expect);
      this.#at += 1;
      const bytes = renderTemplate(step.parts, this.#values ?? new Map());
      if (bytes === null) {
        steps.push(this.#broken(UNSENDABLE));
        return;
      }
      steps.push({ kind: 'send', bytes });
    }
  }

  #hold(steps: Step[]): void {
    const { heartbeat, farewell } = this.#script;
    const render = (saying: Saying | null | undefined) =>
      saying ? (saying.fixed ?? renderTemplate(saying.parts, this.#values ?? new Map())) : null;
    this.#beat = render(heartbeat?.send);
    // A heartbeat that cannot be sent would end the connection as one that the peer did not answer.
    if (heartbeat !== null && this.#beat === null) {
      steps.push(this.#broken(UNSENDABLE));
      return;
    }
    this.#farewell = render(farewell);
    this.#values = null;
    this.#state = 'held';
    steps.push({ kind: 'ready' });
  }

  #await(expect: Expectation): void {
    this.#matcher = expect.kind === 'bytes' ? createAnswerMatcher(expect.bytes) : null;
    // A line that began before bytes were awaited is none of the answer.
    if (this.#matcher !== null && this.#lines.begun.length > 0) this.#lines.feed(this.#lines.takeRest());
  }

  /** False: the awaited bytes are not all there. */
  #takeBytes(matcher: AnswerMatcher, steps: Step[]): boolean {
    const rest = this.#lines.takeRest();
    if (!matcher.feed(rest)) return false;
    this.#lines.feed(rest.subarray(matcher.consumed));
    this.#matcher = null;
    const step = this.#script.login[this.#at];
    if (this.#state === 'held') this.#answered(steps);
    else if (step?.kind === 'expect') this.#passed(step, steps);
    return true;
  }

  #takeOpening({ text, steps }: Line): void {
    if (!this.#isRecognized && !this.#recognize(text, steps)) return;
    const step = this.#script.login[this.#at];
    if (step?.kind !== 'expect' || step.expect.kind !== 'line') return;
    const groups = step.expect.pattern.groups(text);
    if (groups === null) {
      const said = [...step.refuse, ...this.#script.refusals].find(({ pattern }) => pattern.test(text));
      if (said !== undefined) steps.push(this.#refusal(said.goodbye, text));
      return;
    }
    for (const [name, value] of groups) {
      if (!LONGEST_CAPTURE.test(value)) {
        steps.push(this.#broken('a captured group is empty, over 256 characters or not printable'));
        return;
      }
      this.#values?.set(name, value);
    }
    this.#passed(step, steps);
  }

  /** Bytes behind the consent to TLS could be an attacker's, put in before it (CVE-2011-0411). */
  #passed(step: CompiledStep & { readonly kind: 'expect' }, steps: Step[]): void {
    this.#at += 1;
    if (!step.startTls) {
      this.#advance(steps);
    } else if (this.#lines.takeRest().length > 0) {
      steps.push(this.#refusal('protocol_error'));
    } else {
      this.#state = 'securing';
      steps.push({ kind: 'startTls' });
    }
  }

  #takeHeld({ text, steps }: Line): void {
    const said = this.#script.goodbyes.find(({ pattern }) => pattern.test(text));
    if (said !== undefined) {
      this.#state = 'saidGoodbye';
      steps.push({ kind: 'goodbye', goodbye: said.goodbye, ...codeOf(text), then: 'peerCloses' });
      return;
    }
    const expect = this.#script.heartbeat?.expect;
    if (this.#isAsked && expect?.kind === 'line' && expect.pattern.test(text)) this.#answered(steps);
  }

  #answered(steps: Step[]): void {
    this.#isAsked = false;
    steps.push({ kind: 'answered' });
  }

  /** False: what the peer began with is none of this protocol. */
  #recognize(beginning: string, steps: Step[]): boolean {
    const { first } = this.#script;
    if (first === null || first === undefined || beginning === '') return true;
    this.#isRecognized = first.oneOf.includes(beginning.charAt(0));
    if (!this.#isRecognized) steps.push(this.#broken(notOurs(beginning.slice(0, 8), first.expected)));
    return this.#isRecognized;
  }

  #refusal(goodbye: Goodbye, line = ''): Step {
    this.#state = 'over';
    return { kind: 'refused', goodbye, ...codeOf(line) };
  }

  #broken(expected: string): Step {
    this.#state = 'over';
    return { kind: 'broken', expected };
  }
}
