import type { IncidentChanged } from '../../domain/events/incident-event.ts';
import { type ScopeShare, scopeWeight } from '../../domain/incident-scope.ts';
import { html, type Html } from './html.ts';
import { scopeOf } from './incident-words.ts';
import { figure, meter } from './page-parts.ts';

/** All scopes that were judged, so that the rule can be checked by eye. */
export function whySection({ scope, judged }: IncidentChanged): Html {
  return html`<section aria-labelledby="why-h">
    <h2 id="why-h">Why <bdi>${scopeOf(scope)}</bdi> and nothing wider or narrower</h2>
    <div class="panel scroll" tabindex="0" role="group" aria-label="The scopes, a table">
      <table class="data">
        <thead>
          <tr>
            <th scope="col">Scope</th>
            <th scope="col" class="num">Ended</th>
            <th scope="col" class="num">Of its peers</th>
            <th scope="col" class="num">Weight</th>
            <th scope="col">Share harmed</th>
          </tr>
        </thead>
        <tbody>
          ${judged.map((share, index) => rowOf(share, index === 0))}
        </tbody>
      </table>
    </div>
    <p class="basis">
      Judged is every scope with three ends at one moment. Of those that are hit (a third of the peers, at least 3,
      abnormally; or two thirds, at least 5) the one with the largest weight is named: ended / (peers + 4). Within 0.1
      of it: the one with more ends.
    </p>
  </section>`;
}

const CHOSEN = html` class="chosen"`;

function rowOf(share: ScopeShare, isChosen: boolean): Html {
  const { scope, ended, of, isHit } = share;
  return html`<tr ${isChosen && CHOSEN}>
    <th scope="row">
      ${scope.kind}
      ${isChosen ? html`<strong><bdi>${scopeOf(scope)}</bdi></strong>` : html`<bdi>${scopeOf(scope)}</bdi>`}
    </th>
    <td class="num">${figure(ended)}</td>
    <td class="num">${figure(of)}</td>
    <td class="num">${scopeWeight(share).toFixed(2)}${!isHit && html`<span class="quiet">, not hit</span>`}</td>
    <td>${meter(ended / Math.max(1, of))}</td>
  </tr> `;
}

/** Who of the others was unharmed: a scope is worth nothing without them. */
export function contrastSection({ scope, ended, of, elsewhere }: IncidentChanged): Html {
  const rows = [
    { name: html`<strong><bdi>${scopeOf(scope)}</bdi></strong>`, ended, of },
    ...(elsewhere.of > 0 ? [{ name: html`all other peers`, ...elsewhere }] : []),
  ];
  return html`<section aria-labelledby="contrast-h">
    <h2 id="contrast-h">Who is unharmed</h2>
    <dl class="panel pairs">
      ${rows.map(
        (row) =>
          html`<div>
            <dt>${row.name}</dt>
            <dd>
              ${figure(row.of - row.ended)} of ${figure(row.of)}
              unharmed${meter((row.of - row.ended) / Math.max(1, row.of))}
            </dd>
          </div>`,
      )}
    </dl>
    <p class="basis">${claim(elsewhere)}</p>
  </section>`;
}

function claim({ ended, of }: IncidentChanged['elsewhere']): string {
  if (of === 0) return 'There are no others: what they share cannot be told from this host itself.';
  if (ended === 0) return 'None of the others ended at that moment.';
  return `${figure(ended)} of the others ended at that moment, too.`;
}
