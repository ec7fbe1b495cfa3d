import { type Goodbye, GOODBYES } from '../../domain/goodbye.ts';
import { compileKnownPattern, compileLinePattern, type LinePattern } from '../../patterns/line-pattern.ts';
import type { LineMeaning, ScriptExpectation, ScriptWords } from '../../settings/script-settings.ts';
import { namesIn, type SendPart } from '../../text/send-template.ts';
import { renderTemplate } from './render-template.ts';

/** A script as protocols give it: what it says and hears, and what its configuration cannot say. */
export type Script = ScriptWords & {
  /** What lines mean while logging in, behind what the step says; null: what they mean later on. */
  readonly refusals?: readonly LineMeaning[];
  /** How the first byte of a peer can be that speaks this protocol, and its name as `notOurs` has it. */
  readonly first?: { readonly oneOf: string; readonly expected: string };
};

/** A pattern and its meaning, compiled. */
type Meaning = { readonly pattern: LinePattern; readonly goodbye: Goodbye };

/** An answer that is awaited, compiled. */
export type Expectation =
  | { readonly kind: 'line'; readonly pattern: LinePattern }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

/** A step of the login, compiled. */
export type CompiledStep =
  | { readonly kind: 'send'; readonly parts: readonly SendPart[] }
  | {
      readonly kind: 'expect';
      readonly expect: Expectation;
      readonly refuse: readonly Meaning[];
      readonly startTls: boolean;
    };

/** Bytes that are the same for all connections, or parts that have to be filled in. */
export type Saying = { readonly parts: readonly SendPart[]; readonly fixed: Uint8Array | null };

/** A script with its patterns compiled: one for all connections of a group. */
export type CompiledScript = {
  readonly login: readonly CompiledStep[];
  readonly heartbeat: { readonly send: Saying; readonly expect: Expectation } | null;
  readonly refusals: readonly Meaning[];
  readonly goodbyes: readonly Meaning[];
  readonly farewell: Saying | null;
  readonly first: Script['first'] | null;
  /** The most that one character of a line takes, in nanoseconds. */
  readonly nsPerCharacter: number;
};

const NO_VALUES: ReadonlyMap<string, string> = new Map();

/** Who wrote the patterns of a script: its configuration, or we. */
export type PatternsOf = 'configuration' | 'program';

/** Compiles each pattern once. Throws on one that `linePatternProblem` does not take: the configuration was checked. */
export function compileScript(script: Script, patternsOf: PatternsOf): CompiledScript {
  const compile = patternsOf === 'program' ? compileKnownPattern : compileLinePattern;
  const meanings = (list: readonly LineMeaning[]): readonly Meaning[] =>
    list.map(({ match, goodbye }) => ({
      pattern: compile(match),
      goodbye: GOODBYES.find((word) => word === goodbye) ?? 'other',
    }));
  const expectation = (expect: ScriptExpectation): Expectation =>
    expect.kind === 'bytes' ? expect : { kind: 'line', pattern: compile(expect.pattern) };
  const goodbyes = meanings(script.goodbyes);
  const refusals = script.refusals === undefined ? goodbyes : meanings(script.refusals);
  const login = script.login.map((step): CompiledStep =>
    step.kind === 'send' ? step : { ...step, expect: expectation(step.expect), refuse: meanings(step.refuse) },
  );
  const heartbeat = script.heartbeat && {
    send: saying(script.heartbeat.send),
    expect: expectation(script.heartbeat.expect),
  };
  const whileHeld = nsOf(goodbyes) + nsOfAwaited(heartbeat?.expect);
  const inLogin = login.map((step) =>
    step.kind === 'expect' ? nsOfAwaited(step.expect) + nsOf(step.refuse) + nsOf(refusals) : 0,
  );
  return {
    login,
    heartbeat,
    refusals,
    goodbyes,
    farewell: script.farewell.length === 0 ? null : saying(script.farewell),
    first: script.first ?? null,
    nsPerCharacter: Math.max(whileHeld, ...inLogin),
  };
}

/** Whatever refuses a login by this script, and whatever ends it later. */
export function goodbyesOf({ login, refusals, goodbyes }: CompiledScript): {
  readonly connect: readonly Goodbye[];
  readonly held: readonly Goodbye[];
} {
  const refuse = login.flatMap((step) => (step.kind === 'expect' ? step.refuse : []));
  // Bytes behind the consent to TLS, and words that are none of the protocol.
  const connect = [...refuse, ...refusals].map(({ goodbye }) => goodbye).concat('protocol_error');
  return { connect: [...new Set(connect)], held: [...new Set(goodbyes.map(({ goodbye }) => goodbye))] };
}

function nsOf(list: readonly Meaning[]): number {
  return list.reduce((sum, { pattern }) => sum + pattern.nsPerCharacter, 0);
}

function nsOfAwaited(expect: Expectation | undefined): number {
  return expect?.kind === 'line' ? expect.pattern.nsPerCharacter : 0;
}

function saying(parts: readonly SendPart[]): Saying {
  return { parts, fixed: namesIn(parts).length === 0 ? renderTemplate(parts, NO_VALUES) : null };
}
