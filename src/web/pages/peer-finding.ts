import type { PeerTarget } from '../../domain/peer-target.ts';
import type { Limit } from '../../domain/limit.ts';
import { limitWords } from '../../explanations/limit-words.ts';
import type { PeerEnd, PeerHistory } from '../../sinks/status/peer-history.ts';
import { fileNameOf, type SettingPlaces } from '../../settings/setting-places.ts';
import { readableDuration } from '../../text/figures.ts';
import { Html, html } from './html.ts';
import { capital, wordHref } from './page-parts.ts';
import { inSeconds, silenceFigure } from './silence-figure.ts';

export type FindingOptions = {
  readonly prefix: string;
  readonly group: string;
  readonly history: PeerHistory;
  readonly target: PeerTarget | null;
  readonly places: SettingPlaces;
};

/** A connection draws the time after which its keepalive is due from this share of the setting to all of it. */
const LEAST_DRAWN = 0.8;

/** A limit that ends of the group show, with its figure and the lines that mend it; null: none was found. */
export function findingSection({ prefix, group, history, target, places }: FindingOptions): Html | null {
  const limited = history.ends.flatMap((end) => limitOf(end) ?? []);
  const [newest] = limited;
  if (newest === undefined) return null;
  const { limit, hint } = newest;
  const query = new URLSearchParams({ group, view: 'timers' }).toString();
  const drawn = limit.kind === 'age' ? null : figureOf(limit, { history, target, ends: limited.map(({ end }) => end) });
  return html`<section class="finding" id="finding" aria-labelledby="finding-h">
    <div class="words">
      <h2 id="finding-h">${headline(limit)}</h2>
      <p>${capital(limitWords(limit))}.</p>
      ${advice(limit, { group, target, place: keepalivePlace(places) })}
      <p class="basis">
        Hint <a href="${wordHref(prefix, `hint-${hint}`)}">${hint}</a>: ${limit.ends} of the last ${limit.of} ends of
        this group show it. <a href="${prefix}/?${query}">All peers of the group that it ended</a>.
        <a href="${prefix}/words#known-limits">Known limits</a>
      </p>
    </div>
    ${drawn}
  </section>`;
}

function limitOf(end: PeerEnd): { readonly end: PeerEnd; readonly hint: string; readonly limit: Limit } | null {
  if (end.type === 'localClosed' || end.hint === undefined || !('limit' in end.hint)) return null;
  return { end, hint: end.hint.name, limit: end.hint.limit };
}

type SilenceLimit = Exclude<Limit, { readonly kind: 'age' }>;

/** Whether a limit of silence was found and our keepalive can be due after it. */
export function tooLongKeepalive({ ends }: PeerHistory, target: PeerTarget | null): boolean {
  const keepalive = target?.settings.keepalive ?? null;
  const limit = ends.flatMap((end) => limitOf(end) ?? [])[0]?.limit;
  if (keepalive === null || limit === undefined || limit.kind === 'age') return false;
  return limit.kind === 'silence' && limit.packets === null ? false : keepalive.idleSeconds * 1000 >= leastOf(limit);
}

/** The shortest silence that it ends. */
function leastOf(limit: SilenceLimit): number {
  if (limit.kind === 'silenceAtMost') return limit.atMostMs;
  return (limit.packets ?? limit.payload)?.leastMs ?? 0;
}

function headline(limit: Limit): string {
  switch (limit.kind) {
    case 'age':
      return `Something lets no connection grow older than ${readableDuration(limit.age.mostMs)}`;
    case 'silence':
      return `Something ends this connection after ${inSeconds(leastOf(limit))} ${limit.packets === null ? 'without payload' : 'of silence'}`;
    case 'silenceAtMost': {
      const from = limit.survivedMs < 1000 ? '' : `${inSeconds(limit.survivedMs)} to `;
      return `Something on the path forgets this connection after ${from}${inSeconds(limit.atMostMs)} of silence`;
    }
  }
}

/** What to change, to be pasted. Half of what is safe leaves room for a kernel's timer that is late. */
type AdviceOptions = Pick<FindingOptions, 'group' | 'target'> & { readonly place: string | null };

function advice(limit: Limit, { group, target, place }: AdviceOptions): Html | null {
  if (limit.kind === 'age') {
    const before = Math.max(1, Math.floor((LEAST_DRAWN * limit.age.leastMs) / 1000));
    return paste(html`<strong>Close it ourselves before that</strong>, at a moment that we choose.`, [
      `- name: ${group}`,
      `  max_connection_age: ${before}s`,
    ]);
  }
  const safe = limit.kind === 'silenceAtMost' && limit.survivedMs >= 2000 ? limit.survivedMs : leastOf(limit);
  const half = Math.max(1, Math.floor(safe / 2000));
  if (limit.kind === 'silence' && limit.packets === null)
    return html`<p>
      <strong>A heartbeat every ${half} s keeps it alive</strong>; keepalive carries no payload and does not.
    </p>`;
  return paste(html`<strong>Set keepalive idle below ${inSeconds(safe)}.</strong> ${inForce(target, place)}`, [
    `- name: ${group}`,
    `  keepalive: {idle: ${half}s}`,
  ]);
}

/** `finrst.yml:61` */
function keepalivePlace({ file, global, group }: SettingPlaces): string | null {
  const line = [group, global].flatMap((lines) => lines.get('keepalive.idle') ?? lines.get('keepalive') ?? [])[0];
  return line === undefined ? null : `${fileNameOf(file)}:${line}`;
}

function inForce(target: PeerTarget | null, place: string | null): string {
  if (target === null) return '';
  const { keepalive } = target.settings;
  return keepalive === null
    ? 'It is off.'
    : `It is ${keepalive.idleSeconds} s${place === null ? '' : ` (${place})`}; each connection draws 80 to 100 % of that.`;
}

function paste(why: Html, lines: readonly string[]): Html {
  return html`<p>${why}</p>
    <pre class="paste" tabindex="0" role="group" aria-label="Change to the configuration">
${lines.map((line, index) => html`${index > 0 && LINE_BREAK}${line}`)}</pre>`;
}

/** A text would show it: control characters are made visible. */
const LINE_BREAK = new Html(['\n']);

type Drawn = Pick<FindingOptions, 'history' | 'target'> & { readonly ends: readonly PeerEnd[] };

function figureOf(limit: SilenceLimit, { history, target, ends }: Drawn): Html {
  const isPayload = limit.kind === 'silence' && limit.packets === null;
  const keepalive = target?.settings.keepalive ?? null;
  const idleMs = (keepalive?.idleSeconds ?? 0) * 1000;
  return silenceFigure({
    survivedMs: isPayload ? 0 : history.survivedMs,
    fatalMs: ends.map((end) => (isPayload ? end.payloadQuietMs : end.quietMs)),
    limitMs: leastOf(limit),
    keepaliveMs: keepalive === null ? null : { from: Math.ceil((LEAST_DRAWN * idleMs) / 1000) * 1000, to: idleMs },
  });
}
