import { groupNames, linePatternProblem } from '../../patterns/line-pattern.ts';
import type { ScriptSettings } from '../../settings/protocol-settings.ts';
import type { LineMeaning, ScriptExpectation, ScriptStep } from '../../settings/script-settings.ts';
import { namesIn, parseSendTemplate, type SendPart } from '../../text/send-template.ts';
import type { Path } from '../../yaml/path.ts';
import type { GroupValues } from '../schema/config-schema.ts';
import type { Partially } from '../schema/parse-partially.ts';
import { MOST_MEANINGS, MOST_STEPS, type ScriptValues } from '../schema/script-schema.ts';
import { resolvePasswordFile } from './resolve-credentials.ts';
import { addProblem, isValid, type ResolveContext } from './resolve-context.ts';

type Values = Partially<ScriptValues>;
type StepValues = NonNullable<NonNullable<Values['login']>[number]>;
type Meanings = Values['goodbyes'];

/** What is being resolved, and the names whose values are known by now. */
type Scope = {
  readonly context: ResolveContext;
  readonly path: Path;
  readonly hasTls: boolean;
  readonly names: Set<string>;
};

const NOTHING_EXPECTED: ScriptExpectation = { kind: 'line', pattern: '' };

/** The script of a group. What is wrong is noted; the result is of use only when nothing was. */
export function resolveScript(context: ResolveContext, groupPath: Path, group: Partially<GroupValues>): ScriptSettings {
  const path = [...groupPath, 'script'];
  const values: Values = group.script ?? {};
  if (group.script === undefined && isValid(context, path))
    addProblem(context, [...groupPath, 'protocol'], 'is script, which needs steps; add script: {login: [...]}');
  const passwordFile = resolvePasswordFile(context, [...path, 'password_file'], values.password_file);
  const username = values.username ?? null;
  const names = new Set([...(username === null ? [] : ['username']), ...(passwordFile === null ? [] : ['password'])]);
  const hasTls = group.tls !== undefined || !isValid(context, [...groupPath, 'tls']);
  const scope: Scope = { context, path, hasTls, names };
  const login = resolveLogin(scope, values.login);
  // A held connection keeps no password.
  names.delete('password');
  const heartbeat = resolveBeat(scope, values.heartbeat);
  const isNeeded = values.login !== undefined && group.heartbeat !== false && values.heartbeat === undefined;
  if (isNeeded && isValid(context, path, [...path, 'heartbeat']))
    addProblem(context, path, 'has no heartbeat; add one, or heartbeat: false to the group');
  return {
    username,
    passwordFile,
    login,
    heartbeat,
    goodbyes: resolveMeanings(scope, [...path, 'goodbyes'], values.goodbyes),
    farewell: values.farewell === undefined ? [] : resolveSend(scope, [...path, 'farewell'], values.farewell),
  };
}

function resolveLogin(scope: Scope, steps: Values['login']): readonly ScriptStep[] {
  const { context, path } = scope;
  const at = [...path, 'login'];
  const written = steps ?? [];
  if (written.length > MOST_STEPS)
    addProblem(context, at, `has ${written.length} steps; at most ${MOST_STEPS} are allowed`);
  const resolved = written.flatMap((step, index) =>
    step === undefined ? [] : resolveStep(scope, [...at, index], step),
  );
  const isWhole = steps !== undefined && !written.includes(undefined) && resolved.length === written.length;
  if (isWhole && !resolved.some(({ kind }) => kind === 'expect'))
    addProblem(context, at, 'expects nothing; expected a step with expect: a peer is up only once it answered');
  const secured = resolved.filter((step) => step.kind === 'expect' && step.startTls);
  if (secured.length > 1) addProblem(context, at, 'has starttls more than once; TLS begins once');
  return resolved;
}

function resolveStep(scope: Scope, at: Path, step: StepValues): readonly ScriptStep[] {
  const { context, hasTls } = scope;
  const keys = (['send', 'expect', 'expect_bytes'] as const).filter((key) => context.source.has([...at, key]));
  if (keys.length !== 1) {
    const found = keys.length === 0 ? 'nothing to do' : keys.join(' and ');
    addProblem(context, at, `has ${found}; expected one of send, expect and expect_bytes`);
    return [];
  }
  if (keys[0] === 'send') {
    for (const key of ['starttls', 'refuse'] as const)
      if (step[key] !== undefined)
        addProblem(context, [...at, key], 'stands beside send; move it to a step with expect');
    return step.send === undefined ? [] : [{ kind: 'send', parts: resolveSend(scope, [...at, 'send'], step.send) }];
  }
  if (step.starttls === true && !hasTls)
    addProblem(context, [...at, 'starttls'], 'needs tls beside script; add tls: {} or remove it');
  if (step.refuse !== undefined && keys[0] === 'expect_bytes')
    addProblem(context, [...at, 'refuse'], 'stands beside expect_bytes, where no lines are read; use expect');
  const expect = resolveExpectation(scope, at, step);
  if (expect.kind === 'line') addCaptures(scope, [...at, 'expect'], expect.pattern);
  const refuse = resolveMeanings(scope, [...at, 'refuse'], step.refuse);
  return [{ kind: 'expect', expect, refuse, startTls: step.starttls ?? false }];
}

/** Names of groups can be sent from the next step on. */
function addCaptures({ context, names }: Scope, at: Path, pattern: string): void {
  for (const name of groupNames(pattern)) {
    if (name === 'username' || name === 'password')
      addProblem(context, at, `names a group ${name}, which \${${name}} stands for already; choose another name`);
    names.add(name);
  }
}

function resolveBeat(scope: Scope, written: Values['heartbeat']): ScriptSettings['heartbeat'] {
  if (written === undefined) return null;
  const { context, path } = scope;
  const at = [...path, 'heartbeat'];
  const keys = (['expect', 'expect_bytes'] as const).filter((key) => context.source.has([...at, key]));
  if (keys.length !== 1) {
    const found = keys.length === 0 ? 'neither expect nor expect_bytes' : 'expect and expect_bytes';
    addProblem(context, at, `has ${found}; expected one of them`);
  }
  const send = written.send === undefined ? [] : resolveSend(scope, [...at, 'send'], written.send);
  return { send, expect: resolveExpectation(scope, at, written) };
}

function resolveExpectation(
  { context }: Scope,
  at: Path,
  { expect, expect_bytes: bytes }: Pick<StepValues, 'expect' | 'expect_bytes'>,
): ScriptExpectation {
  if (bytes !== undefined) return { kind: 'bytes', bytes };
  if (expect === undefined) return NOTHING_EXPECTED;
  const problem = linePatternProblem(expect);
  if (problem !== null) addProblem(context, [...at, 'expect'], problem);
  return { kind: 'line', pattern: expect };
}

function resolveMeanings({ context }: Scope, at: Path, written: Meanings): readonly LineMeaning[] {
  const list = written ?? [];
  if (list.length > MOST_MEANINGS)
    addProblem(context, at, `has ${list.length} entries; at most ${MOST_MEANINGS} are allowed`);
  return list.flatMap((each, index) => {
    if (each?.match === undefined || each.goodbye === undefined) return [];
    const problem = linePatternProblem(each.match);
    if (problem !== null) addProblem(context, [...at, index, 'match'], problem);
    return [{ match: each.match, goodbye: each.goodbye }];
  });
}

function resolveSend({ context, names }: Scope, at: Path, text: string): readonly SendPart[] {
  const template = parseSendTemplate(text);
  if (template.kind === 'invalid') {
    addProblem(context, at, template.message);
    return [];
  }
  for (const name of namesIn(template.parts)) {
    if (!names.has(name)) addProblem(context, at, `has \${${name}}, ${whyUnknown(name, names)}`);
  }
  return template.parts;
}

function whyUnknown(name: string, names: ReadonlySet<string>): string {
  if (name === 'username') return 'which needs username in script';
  if (name === 'password') return 'which needs password_file in script, and is known in login alone';
  const known = [...names].join(', ');
  return `which no step before it captures with (?<${name}>...)${known === '' ? '' : `; known here: ${known}`}`;
}
