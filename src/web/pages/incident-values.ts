import type { IncidentChanged } from '../../domain/events/incident-event.ts';
import type { ScopeValues, ValueShare } from '../../domain/incident-scope.ts';
import { html, type Html } from './html.ts';
import { scopeOf } from './incident-words.ts';
import { figure, percent } from './page-parts.ts';

const LARGE = 102;
const SMALL = 40;

/** Who is unharmed: one bar for each value of what the scope is one of. */
export function contrastSection(event: IncidentChanged): Html {
  const { values, elsewhere } = event;
  const { shares } = values;
  const unharmed =
    shares.filter(({ ended }) => ended === 0).length + (values.rest.ended === 0 ? values.rest.values : 0);
  return html`<section aria-labelledby="contrast-h">
    <h2 id="contrast-h">Who is unharmed: ${figure(unharmed)} of ${figure(allOf(values))} ${nounOf(values)}</h2>
    <figure class="panel cmpbig">${bars(event, LARGE)} ${names(event)}</figure>
    <p class="legendline">
      ${legend(event)}
      ${elsewhere.of === 0 && html`<span>There are no others: what they share cannot be told from this host itself.</span>`}
    </p>
  </section>`;
}

/** The same, small, for a list. */
export function contrastFigure(event: IncidentChanged): Html {
  const { values } = event;
  return html`<figure class="cmp">
    <figcaption>${figure(allOf(values))} ${nounOf(values)}: share of their peers that ended</figcaption>
    ${bars(event, SMALL)}
    <p class="quiet">${legend(event)}</p>
  </figure>`;
}

function bars(event: IncidentChanged, height: number): Html {
  const { shares } = event.values;
  const width = 1 / Math.max(1, shares.length);
  const drawn = shares.map((share, index) => {
    const x = percent((index + 0.15) * width);
    const harmed = share.ended === 0 ? 0 : Math.max(2, (height * share.ended) / share.of);
    const name = `${share.value}: ${figure(share.ended)} of ${figure(share.of)}`;
    return html`<g
      ><title>${name}</title
      ><rect
        class="slot"
        x="${x}"
        width="${percent(0.7 * width)}"
        y="0"
        height="${height}"
      />${harmed > 0 && html`<rect class="${isNamed(event, share) ? 'hitbar' : 'soft'}" x="${x}" width="${percent(0.7 * width)}" y="${(height - harmed).toFixed(1)}" height="${harmed.toFixed(1)}" />`}</g
    >`;
  });
  return html`<svg class="chart contrast" height="${height}" role="img" aria-label="${summary(event)}">${drawn}</svg>`;
}

/** The first, the last, and between them the one that is named. */
function names(event: IncidentChanged): Html {
  const { shares } = event.values;
  const at = shares.findIndex((share) => isNamed(event, share));
  const own = shares[at];
  const middle = (at + 0.5) / Math.max(1, shares.length);
  const anchor = middle < 0.25 ? 'start' : middle > 0.75 ? 'end' : 'middle';
  const isAlone = event.scope.kind === 'process' || own === undefined;
  return html`<svg class="chart" height="18" aria-hidden="true">
    ${!isAlone && html`<text class="k" x="${percent(anchor === 'start' ? 0 : anchor === 'end' ? 1 : middle)}" y="14" text-anchor="${anchor}">${own.value}: ${figure(own.ended)} of ${figure(own.of)}</text>`}
    ${(isAlone || anchor !== 'start') && html`<text x="0" y="14">${shares[0]?.value}</text>`}
    ${shares.length > 1 && (isAlone || anchor !== 'end') && html`<text x="100%" y="14" text-anchor="end">${shares.at(-1)?.value}</text>`}
  </svg>`;
}

/** Of the process no group stands out: all are its own. */
function isNamed({ scope }: IncidentChanged, { value }: ValueShare): boolean {
  return scope.kind === 'process' || scope.value === value;
}

function legend(event: IncidentChanged): readonly Html[] {
  const { values, elsewhere, scope, ended, of } = event;
  if (scope.kind === 'process')
    return [html`<span>All peers: <strong>${figure(ended)} of ${figure(of)}</strong> ended</span>`];
  const others = values.shares.filter((share) => !isNamed(event, share));
  const sum = (key: 'ended' | 'of'): number => others.reduce((total, share) => total + share[key], values.rest[key]);
  const left = { ended: elsewhere.ended - sum('ended'), of: elsewhere.of - sum('of') };
  return [
    html`<span>Other ${nounOf(values)}: <strong>${figure(sum('ended'))} of ${figure(sum('of'))}</strong> ended</span> `,
    ...(left.of > 0 && values.label !== undefined
      ? [
          html`<span
            >Peers without ${values.label}:
            <strong>${figure(Math.max(0, left.ended))} of ${figure(left.of)}</strong></span
          > `,
        ]
      : []),
    ...(values.rest.values > 0 ? [html`<span>${figure(values.rest.values)} more are not drawn</span> `] : []),
  ];
}

function summary(event: IncidentChanged): string {
  const { scope, ended, of, elsewhere, values } = event;
  const head = `${figure(allOf(values))} ${nounOf(values)}: of ${scopeOf(scope)} ${figure(ended)} of ${figure(of)} peers ended`;
  return scope.kind === 'process'
    ? head
    : `${head}; of all others ${figure(elsewhere.ended)} of ${figure(elsewhere.of)}`;
}

function allOf({ shares, rest }: ScopeValues): number {
  return shares.length + rest.values;
}

function nounOf({ kind, label }: ScopeValues): string {
  switch (kind) {
    case 'group':
      return 'groups';
    case 'prefix':
      return 'networks';
    case 'label':
      return `values of ${label ?? ''}`;
  }
}
