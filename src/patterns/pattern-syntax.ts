import { RE2JS } from 're2js';

/** What is wrong with a pattern, in the words of RE2; null: it compiles. */
export function syntaxProblem(regex: string): string | null {
  try {
    RE2JS.compile(regex);
    return null;
  } catch (error) {
    if (error instanceof Error && error.name === 'RE2JSSyntaxException')
      return error.message.replace(/^error parsing regexp: /, '').replaceAll('`', '');
    throw error;
  }
}
