import type { PageSection } from '../../explanations/reasons-page.ts';
import type { PeerHistory } from '../../sinks/status/peer-history.ts';
import type { PeerStatus } from '../../sinks/status/peer-status.ts';
import { html, type Html } from './html.ts';
import { wordHref } from './page-parts.ts';
import { runbookText, type RunbookPlace } from './runbook-text.ts';

/** Which section of docs/reasons.md is asked for, and for what. */
export type WantedRunbook = { readonly title: string; readonly anchor: string };

/** `section`: null: it cannot be had. */
export type Runbook = WantedRunbook & { readonly section: PageSection | null };

/** The sections on its last end, and on the attempt that failed last where it has no connection. */
export function runbooksOf({ up }: Pick<PeerStatus, 'up'>, { ends, attempts }: PeerHistory): readonly WantedRunbook[] {
  const [end] = ends;
  const failure = attempts[0]?.failure ?? null;
  return [
    end !== undefined && {
      title: end.type === 'localClosed' ? `local/${end.reason}` : end.reason,
      anchor: end.type === 'localClosed' ? `local-${end.reason}` : end.reason,
    },
    !up &&
      failure !== null && {
        title: `${failure.phase}/${failure.reason}`,
        anchor: `connect-${failure.phase}-${failure.reason}`,
      },
  ].filter((wanted) => wanted !== false);
}

/** What happened, what it usually means, how to check, what to do. */
export function runbookSections(runbooks: readonly Runbook[], place: RunbookPlace): Html | null {
  const shown = runbooks.flatMap(({ title, section }) => (section === null ? [] : [{ ...section, title }]));
  if (shown.length === 0) return null;
  return html`<div class="cols even">
    ${shown.map(
      ({ title, anchor, body }) =>
        html`<section aria-labelledby="book-${anchor}">
          <h2 id="book-${anchor}">Runbook: <a href="${wordHref(place.prefix, anchor)}">${title}</a></h2>
          <div class="panel runbook">${runbookText(body, place)}</div>
        </section> `,
    )}
  </div>`;
}
