import type { Clock } from '../../clock/clock.ts';
import type { ApiClient } from './api-client.ts';
import { type Attempt, failed, refusedAttempt } from './attempt.ts';
import { exchange, type Exchange } from './exchange.ts';
import { mapOf, parseJson, textOf } from './json-value.ts';
import { ListSplitter } from './list-splitter.ts';
import { identify, type IdentifiedObject } from './watch-event.ts';
import { describeScope, pathOf, type WatchScope } from './watched-resource.ts';

export type ListOptions = {
  readonly client: Pick<ApiClient, 'get'>;
  readonly clock: Clock;
  readonly scope: WatchScope;
  readonly signal: AbortSignal;
  /** Takes one object; false: no more is wanted, the list is of no use. */
  readonly onObject: (object: IdentifiedObject) => boolean;
  /** Each page is a request. */
  readonly onRequested: (attempt: Attempt) => void;
};

export type Listed =
  /** `version`: where a watch goes on. */
  { readonly kind: 'listed'; readonly version: string } | Attempt;

/** Objects a page, as the reference client asks for them. */
const PAGE = 500;
/** A page of 500 pods has 3 MB: what takes longer than this does not come. */
const PAGE_WITHIN_MS = 120_000;

/** Reads all objects, page by page. For servers that cannot begin a watch with them. Never rejects. */
export async function listObjects(options: ListOptions): Promise<Listed> {
  const { scope, onRequested } = options;
  for (let next = ''; ;) {
    const page = await readPage(options, next);
    onRequested(page.kind === 'page' ? { kind: 'ended', lastedMs: 0 } : page);
    if (page.kind !== 'page') return page;
    if (page.next === '') return { kind: 'listed', version: page.version };
    // A server that hands out one token for ever would be asked for ever.
    if (page.next === next)
      return failed('server_error', `the API server gave the same page twice: ${describeScope(scope)}`);
    next = page.next;
  }
}

type Page = { readonly kind: 'page'; readonly next: string; readonly version: string };

async function readPage(options: ListOptions, token: string): Promise<Page | Attempt> {
  const { client, clock, scope, signal, onObject } = options;
  const splitter = new ListSplitter();
  const result = await exchange({
    client,
    clock,
    signal,
    splitter,
    path: pathOf(scope, { limit: String(PAGE), ...(token !== '' && { continue: token }) }),
    withinMs: PAGE_WITHIN_MS,
    onAccepted: () => {},
    onObject: (text) => {
      const object = identify(parseJson(text));
      return object !== null && onObject(object);
    },
  });
  const what = `list ${describeScope(scope)}`;
  if (result.kind !== 'read') return refusedAttempt(result, what);
  return pageOf(result, splitter) ?? failed('network', `the answer was cut, asked to ${what}`);
}

function pageOf({ end }: Extract<Exchange, { readonly kind: 'read' }>, { rest }: ListSplitter): Page | null {
  const metadata = mapOf(mapOf(end === 'ended' ? parseJson(rest) : undefined)['metadata']);
  const version = textOf(metadata['resourceVersion']);
  return version === '' ? null : { kind: 'page', next: textOf(metadata['continue']), version };
}
