import { checkTargetList } from './check-target-list.ts';
import type { PlacedValue } from './placed-value.ts';
import type { TargetListResult, TargetListText } from './target-list.ts';

/** Reads a text of one syntax. A parameter, so that who reads only JSON need not load a parser of YAML. */
export type ReadSyntax = (text: string, file: string) => PlacedValue;

/**
 * Reads a target list at once, with the reader of its syntax. Never throws for anything in the text.
 *
 * An empty text is a mistake, not an empty list: a writer that begins by cutting a file short leaves such a one for a
 * moment, and it would take all targets away. `[]` means none.
 */
export function readTargetList({ bytes, syntax, file }: TargetListText, readSyntax: ReadSyntax): TargetListResult {
  const text = decode(bytes);
  const wrong = (message: string): TargetListResult => ({
    kind: 'wrong',
    problems: [{ file, line: 1, column: 1, message }],
  });
  if (text === null) return wrong('is not UTF-8 text');
  if (syntax === 'json' && text.startsWith(BYTE_ORDER_MARK))
    return wrong('begins with a byte order mark; JSON has none');
  const source = readSyntax(text, file);
  const isEmpty = source.root === undefined || (syntax === 'yaml' && source.root === null);
  if (isEmpty && source.problems.length === 0) return wrong('is empty; write [] for no targets');
  return checkTargetList(source);
}

const BYTE_ORDER_MARK = '\ufeff';

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
