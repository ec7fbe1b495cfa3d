import { parentPort } from 'node:worker_threads';
import { readYaml } from '../yaml/yaml-source.ts';
import { readJson } from './json-reader.ts';
import { type ReadSyntax, readTargetList } from './read-target-list.ts';
import { messagesOf, type TargetListPart } from './target-list-parts.ts';
import type { TargetListText } from './target-list.ts';

/** What the thread is asked for, one thing at a time. */
export type TargetListRequest =
  | { readonly ask: 'read'; readonly text: TargetListText }
  /** The next parts of what was read. */
  | { readonly ask: 'more' };

export type TargetListAnswer = { readonly parts: readonly TargetListPart[]; readonly isLast: boolean };

const READERS: Readonly<Record<TargetListText['syntax'], ReadSyntax>> = {
  json: readJson,
  yaml: (text, file) => readYaml(text, file, { scalars: 'written' }),
};

/** Runs in a thread of its own: 15,000 targets of YAML take the parser most of a second. */
parentPort?.on('message', (request: TargetListRequest) => parentPort?.postMessage(answerTo(request)));

/** What is left of the last list. */
let left: Iterator<readonly TargetListPart[], void> = messagesOf({ kind: 'list', entries: [] });

function answerTo(request: TargetListRequest): TargetListAnswer {
  if (request.ask === 'read') left = messagesOf(readTargetList(request.text, READERS[request.text.syntax]));
  const next = left.next();
  return { parts: next.done === true ? [] : next.value, isLast: next.done === true };
}
