import type { SyntaxNodeRef } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

export type PromqlSelector = {
  readonly metric: string;
  readonly matched: readonly string[];
  /** The functions around it, innermost first. */
  readonly inside: readonly string[];
  /** How far it looks back, as written. */
  readonly offset?: string;
};

/** What a query of PromQL mentions. */
export type PromqlNames = {
  readonly errors: readonly string[];
  readonly selectors: readonly PromqlSelector[];
  /** Labels in `by`, `without`, `on`, `ignoring` and `group_left`. */
  readonly grouping: readonly string[];
};

/** Reads a query with the grammar of Prometheus' own editor. Variables must have been put in. */
export function promqlNames(expr: string): PromqlNames {
  const errors: string[] = [];
  const selectors: { metric: string; matched: string[]; inside: string[]; offset?: string }[] = [];
  const grouping: string[] = [];
  const text = (node: { from: number; to: number }): string => expr.slice(node.from, node.to);
  parser.parse(expr).iterate({
    enter(node) {
      if (node.type.isError) errors.push(`at ${node.from}: ${expr.slice(Math.max(0, node.from - 20), node.to + 20)}`);
      if (node.name === 'VectorSelector') {
        const name = node.node.getChild('Identifier');
        // The grammar of the editor puts `x - y` under one offset; Prometheus means `y` alone.
        const [, offset] = /^ offset (\S+?)\b/.exec(expr.slice(node.to)) ?? [];
        selectors.push({
          ...(offset === undefined ? {} : { offset }),
          metric: name === null ? '' : text(name),
          matched: [],
          inside: enclosing(node, 'FunctionCall').map((call) => text(call.getChild('FunctionIdentifier') ?? call)),
        });
      }
      if (node.name !== 'LabelName') return;
      if (enclosing(node, 'LabelMatchers').length > 0) selectors.at(-1)?.matched.push(text(node));
      else grouping.push(text(node));
    },
  });
  return { errors, selectors, grouping };
}

function enclosing(node: SyntaxNodeRef, name: string): NonNullable<SyntaxNodeRef['node']['parent']>[] {
  const found = [];
  for (let parent = node.node.parent; parent !== null; parent = parent.parent) {
    if (parent.name === name) found.push(parent);
  }
  return found;
}
