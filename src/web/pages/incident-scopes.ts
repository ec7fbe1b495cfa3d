import type { IncidentChanged } from '../../domain/events/incident-event.ts';
import { type ScopeShare, scopeWeight } from '../../domain/incident-scope.ts';
import { html, type Html } from './html.ts';
import { scopeOf } from './incident-words.ts';
import { figure, meter } from './page-parts.ts';

/** All scopes that were judged, so that the rule can be checked by eye. */
export function whySection({ scope, judged, ended }: IncidentChanged): Html {
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
            <th scope="col">Harmed</th>
            <th scope="col" class="num">Of the ${figure(ended)}</th>
          </tr>
        </thead>
        <tbody>
          ${judged.map((share, index) => rowOf(share, ended, index === 0))}
        </tbody>
      </table>
    </div>
    <p class="basis">
      Judged is every scope with three ends at one moment. Of those that are hit (a third of the peers, at least 3,
      abnormally; or two thirds, at least 5) the one with the largest weight is named: ended / (peers + 4). Within 0.1
      of it: the one with more ends. Harmed is the share of the scope's peers that ended, and beside it that of the ends
      of this incident that it explains.
    </p>
  </section>`;
}

const CHOSEN = html` class="chosen"`;

function rowOf(share: ScopeShare, all: number, isChosen: boolean): Html {
  const { scope, ended, of, isHit } = share;
  // Another scope may have had ends of its own at that moment.
  const explained = Math.min(1, ended / Math.max(1, all));
  return html`<tr ${isChosen && CHOSEN}>
    <th scope="row">
      ${scope.kind}
      ${isChosen ? html`<strong><bdi>${scopeOf(scope)}</bdi></strong>` : html`<bdi>${scopeOf(scope)}</bdi>`}
    </th>
    <td class="num">${figure(ended)}</td>
    <td class="num">${figure(of)}</td>
    <td class="num">${scopeWeight(share).toFixed(2)}${!isHit && html`<span class="quiet">, not hit</span>`}</td>
    <td class="w">${measured(ended / Math.max(1, of))}</td>
    <td class="num">${percentOf(explained)}</td>
  </tr> `;
}

function measured(share: number): Html {
  return html`<span class="m">${percentOf(share)}</span>${meter(share)}`;
}

function percentOf(share: number): string {
  return `${(100 * share).toFixed(share < 0.01 && share > 0 ? 2 : 0)} %`;
}
