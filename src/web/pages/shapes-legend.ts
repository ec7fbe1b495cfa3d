import type { ChangeKind } from '../../sinks/status/peer-history.ts';
import { html, type Html } from './html.ts';
import { mark, stateLine } from './page-parts.ts';

const MEANINGS: readonly (readonly [kind: Exclude<ChangeKind, 'connected'>, meaning: string])[] = [
  ['error', 'error: reset, dead path, broken TLS'],
  ['idle_timeout', 'idle_timeout: our clock ran out'],
  ['eof', 'eof: closed in order'],
  ['announced', 'eof, announced'],
  ['local', 'closed by us'],
  ['failed', 'connect failure'],
];

/** What the shapes of rows and charts mean. */
export function shapesLegend(): Html {
  return html`<p class="legendline">
    <span>${stateLine(true)}connected</span> <span>${stateLine(false)}down</span>
    ${MEANINGS.map(([kind, meaning]) => html`<span>${mark(kind)}${meaning}</span> `)}
    <span>a bar under a mark: more than one</span>
  </p>`;
}
