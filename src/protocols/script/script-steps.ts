import type { LineMeaning, ScriptStep } from '../../settings/script-settings.ts';
import { parseSendTemplate, type SendPart } from '../../text/send-template.ts';

/** What a script of ours sends. A text that is no template is a mistake of ours. */
export function template(text: string): readonly SendPart[] {
  const parsed = parseSendTemplate(text);
  if (parsed.kind === 'invalid') throw new Error(`${text} ${parsed.message}`);
  return parsed.parts;
}

/** A step that sends. */
export function send(text: string): ScriptStep {
  return { kind: 'send', parts: template(text) };
}

/** A step that awaits a line, with the lines that refuse it. */
export function expectLine(pattern: string, refuse: readonly LineMeaning[] = []): ScriptStep {
  return { kind: 'expect', expect: { kind: 'line', pattern }, refuse, startTls: false };
}

/** A step that awaits the consent to TLS. */
export function expectTls(pattern: string, refuse: readonly LineMeaning[]): ScriptStep {
  return { kind: 'expect', expect: { kind: 'line', pattern }, refuse, startTls: true };
}

/** Patterns with their meanings. The first that fits a line counts. */
export function means(goodbye: LineMeaning['goodbye'], match: string): LineMeaning {
  return { match, goodbye };
}

/**
 * A pattern for replies with this code that say one of these words or phrases, in whatever case. A word within a name, as in
 * `421 idle.example.net Service not available`, is none: servers begin with their own.
 */
export function saysWord(code: string, words: string): string {
  return `(?i)^${code}[ -](.*[ ('"])?(${words})([^0-9a-z._-]|[._-]*( |$))`;
}
