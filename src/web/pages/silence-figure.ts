import { type KnownLimit, KNOWN_LIMITS } from '../../explanations/known-limits.ts';
import { figure, percent } from './page-parts.ts';
import { html, type Html } from './html.ts';

/** What a figure of silences shows. Milliseconds. */
export type SilenceFacts = {
  /** The longest silence of this peer that something came after; 0: none is known. */
  readonly survivedMs: number;
  /** Those after which its connection ended: its last few. */
  readonly fatalMs: readonly number[];
  /** From here on no silence of the group was survived. */
  readonly limitMs: number;
  /** When our keepalive is due; null: it is off. */
  readonly keepaliveMs: { readonly from: number; readonly to: number } | null;
};

/** The rightmost value stands here; room for what ends beyond it. */
const ROOM = 1.12;
/** Known limits nearer than this share of the width would write over each other. */
const NEAREST = 0.15;
const TICKS = 4;

/** Silences as one line: what was survived, what was fatal, limits that are known, and when keepalive is due. */
export function silenceFigure(facts: SilenceFacts): Html {
  const { survivedMs, fatalMs, limitMs, keepaliveMs } = facts;
  const end = ROOM * Math.max(limitMs, survivedMs, ...fatalMs, keepaliveMs?.to ?? 0);
  const x = (ms: number): string => percent(ms / end);
  return html`<figure>
    <svg class="chart silence" height="142" role="img" aria-label="${words(facts)}">
      <rect class="fatalzone" x="${x(limitMs)}" width="${percent(1 - limitMs / end)}" y="18" height="100" />
      ${knownWithin(end, limitMs).map(
        ({ seconds, who }) =>
          html`<g class="minor"
            ><title>${seconds} s: ${who.replaceAll('`', '')}</title
            ><line class="grid" x1="${x(seconds * 1000)}" x2="${x(seconds * 1000)}" y1="18" y2="118" /><text
              x="${x(seconds * 1000)}"
              y="12"
              text-anchor="middle"
              >${seconds} s</text
            ></g
          >`,
      )}
      <line class="limit" x1="${x(limitMs)}" x2="${x(limitMs)}" y1="18" y2="118" />
      <text class="k" x="100%" y="12" text-anchor="end">${inSeconds(limitMs)}</text>
      <text x="0" y="34">
        ${survivedMs === 0 ? 'none is known to be survived' : `the longest survived: ${inSeconds(survivedMs)}`}
      </text>
      ${survivedMs > 0 && html`<line class="up" x1="0" x2="${x(survivedMs)}" y1="46" y2="46" />`}
      <text x="100%" y="34" text-anchor="end">${figure(fatalMs.length)} fatal</text>
      ${fatalMs.map((ms) => html`<use href="#m-error" class="error" x="${x(ms)}" y="46" />`)}
      ${keepaliveMs === null ? OFF : keepaliveSpan(keepaliveMs, limitMs, x)}
      <line class="axis" x1="0" x2="100%" y1="118.5" y2="118.5" />
      ${Array.from({ length: TICKS }, (_, index) => (index * end) / ROOM / (TICKS - 1)).map(
        (ms, index) =>
          html`<line class="axis" x1="${x(ms)}" x2="${x(ms)}" y1="118" y2="122" /><text
              x="${x(ms)}"
              y="134"
              text-anchor="${index === 0 ? 'start' : 'middle'}"
              >${index === 0 ? '0 s of silence' : tickOf(ms)}</text
            >`,
      )}
    </svg>
    <figcaption class="quiet">Silences of this peer: each cross ended with the connection.</figcaption>
  </figure>`;
}

const OFF = html`<text x="0" y="76">keepalive is off</text>`;

function keepaliveSpan(
  { from, to }: { readonly from: number; readonly to: number },
  limitMs: number,
  x: (ms: number) => string,
): Html {
  const late = Math.max(from, limitMs);
  return html`<text x="0" y="76">keepalive is due at ${inSeconds(from)} to ${inSeconds(to)}</text>
    <rect class="span" x="${x(from)}" width="${x(to - from)}" y="82" height="12" />
    ${to > late && html`<rect class="toolate" x="${x(late)}" width="${x(to - late)}" y="82" height="12" /><text class="k" x="${x((late + to) / 2)}" y="109" text-anchor="middle">too late</text>`}`;
}

/** Known limits beside the one that was found, as many as can be read. */
function knownWithin(endMs: number, limitMs: number): readonly KnownLimit[] {
  const shown: KnownLimit[] = [];
  for (const limit of KNOWN_LIMITS) {
    const at = (limit.seconds * 1000) / endMs;
    const before = shown.at(-1);
    const isFree = before === undefined || at - (before.seconds * 1000) / endMs > NEAREST;
    if (isFree && at > NEAREST / 2 && at < limitMs / endMs - NEAREST / 2) shown.push(limit);
  }
  return shown;
}

function words({ survivedMs, fatalMs, limitMs, keepaliveMs }: SilenceFacts): string {
  const survived = survivedMs === 0 ? 'none is known to be survived' : `up to ${inSeconds(survivedMs)} were survived`;
  const due =
    keepaliveMs === null ? 'off' : `due between ${inSeconds(keepaliveMs.from)} and ${inSeconds(keepaliveMs.to)}`;
  return `Silences of this peer: ${survived}; fatal: ${fatalMs.map(inSeconds).join(', ')}. The limit is at ${inSeconds(limitMs)}. Keepalive is ${due}.`;
}

/** Where ticks are few seconds apart, whole ones would stand at the wrong place. */
function tickOf(milliseconds: number): number {
  return milliseconds < 10_000 ? Math.round(milliseconds / 100) / 10 : Math.round(milliseconds / 1000);
}

/** Limits are whole seconds: 350 s reads better than 5 m 50 s beside a setting. */
export function inSeconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`;
}
