import type { Match } from './pattern.ts';

/** A piece of a template: text, or the group whose value stands in its place. */
type Piece = string | { readonly group: number };

/** A `replacement` or `target_label`, taken apart. */
export type Template = {
  readonly pieces: readonly Piece[];
  /** It is the same text for every match. */
  readonly isConstant: boolean;
};

/** Letters, digits and _ of any script: as much as there is (Go's regexp.Expand). */
const REFERENCE = /^(?:\{(?<braced>[\p{L}\p{Nd}_]+)\}|(?<bare>[\p{L}\p{Nd}_]+))/u;
/** Go gives up on numbers of more digits than fit 1e8; a name is looked for instead. */
const GROUP_NUMBER = /^(?:0|[1-9][0-9]{0,8})$/;

/**
 * Takes a template apart as Go's regexp.Expand does: `$name` and `${name}` stand for a group, by number or by name; an
 * unbraced name is as long as it can be; `$$` is a dollar, and so is one that begins no reference. A group that the
 * pattern does not have stands for nothing.
 */
export function parseTemplate(text: string, groupNames: Readonly<Record<string, number>>): Template {
  const pieces: Piece[] = [];
  let rest = text;
  for (let dollar = rest.indexOf('$'); dollar !== -1; dollar = rest.indexOf('$')) {
    pieces.push(rest.slice(0, dollar));
    rest = rest.slice(dollar + 1);
    const found = REFERENCE.exec(rest);
    const name = found?.groups?.['braced'] ?? found?.groups?.['bare'];
    if (found === null || name === undefined) {
      pieces.push('$');
      if (rest.startsWith('$')) rest = rest.slice(1);
      continue;
    }
    rest = rest.slice(found[0].length);
    const group = groupOf(name, groupNames);
    if (group !== undefined) pieces.push({ group });
  }
  pieces.push(rest);
  return { pieces, isConstant: pieces.every((piece) => typeof piece === 'string') };
}

/** The text that a template stands for. A group that took no part in the match is empty. */
export function expandTemplate({ pieces }: Template, match: Match): string {
  let text = '';
  for (const piece of pieces) text += typeof piece === 'string' ? piece : (match[piece.group] ?? '');
  return text;
}

/** Unbraced references that begin with a digit but are no number, such as `$1x`: they are names, and rarely meant so. */
export function misreadReferences(text: string): readonly string[] {
  return [...text.matchAll(/\$(?:\$|([0-9][\p{L}\p{Nd}_]*))/gu)].flatMap(([, name]) =>
    name === undefined || /^[0-9]+$/.test(name) ? [] : [name],
  );
}

function groupOf(name: string, groupNames: Readonly<Record<string, number>>): number | undefined {
  if (GROUP_NUMBER.test(name)) return Number(name);
  return Object.hasOwn(groupNames, name) ? groupNames[name] : undefined;
}
