import { parentPort } from 'node:worker_threads';
import { loadSnapshot, type LoadOptions } from '../load-config.ts';
import type { ConfigSnapshot, NamesByKey } from '../snapshot/config-snapshot.ts';
import { namesIn } from '../snapshot/names-in.ts';
import { type ConfigPart, messagesOf } from './config-parts.ts';

/** What the thread is asked for, one thing at a time. */
export type ConfigRequest =
  | { readonly ask: 'names'; readonly text: string; readonly file: string }
  | { readonly ask: 'load'; readonly snapshot: ConfigSnapshot; readonly options: LoadOptions }
  /** The next parts of what was loaded. */
  | { readonly ask: 'more' };

export type ConfigAnswer =
  | { readonly answer: 'names'; readonly names: NamesByKey }
  | { readonly answer: 'parts'; readonly parts: readonly ConfigPart[]; readonly isLast: boolean };

/** Runs in a thread of its own: 15,000 targets take the parser and the schema a quarter of a second. */
parentPort?.on('message', (request: ConfigRequest) => parentPort?.postMessage(answerTo(request)));

/** What is left of the last load. */
let left: Iterator<readonly ConfigPart[], void> = messagesOf({ kind: 'invalid', problems: [] });

function answerTo(request: ConfigRequest): ConfigAnswer {
  switch (request.ask) {
    case 'names':
      return { answer: 'names', names: namesIn(request.text, request.file) };
    case 'load':
      left = messagesOf(loadSnapshot(request.snapshot, request.options));
      return nextParts();
    case 'more':
      return nextParts();
  }
}

function nextParts(): ConfigAnswer {
  const next = left.next();
  return { answer: 'parts', parts: next.done === true ? [] : next.value, isLast: next.done === true };
}
