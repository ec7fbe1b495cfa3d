import type { PeerTarget, ShardOfPeer } from '../../domain/peer-target.ts';
import { announcementWords } from '../../explanations/reason-words.ts';
import type { RuleEffect } from '../../settings/relabel-rule.ts';
import type { PeerHistory } from '../../sinks/status/peer-history.ts';
import type { PeerStatus } from '../../sinks/status/peer-status.ts';
import { html, type Html, type HtmlValue } from './html.ts';
import { counted, figure, fullTime, pairs, time, type Pair } from './page-parts.ts';

const DAY_MS = 86_400_000;
/** More is a list nobody reads; all of them are in the configuration. */
const MOST_EFFECTS = 12;
const MOST_NAMES = 8;

export type IdentityOptions = {
  readonly prefix: string;
  readonly now: number;
  readonly status: PeerStatus;
  readonly history: PeerHistory;
  readonly target: PeerTarget | null;
  readonly shard: ShardOfPeer | null;
};

/** Certificate, labels, target, announcement, shard. */
export function identitySection(options: IdentityOptions): Html {
  const { status, history, shard, now } = options;
  const { group, peer } = status;
  const labels = Object.entries(status.labels);
  return html`<section aria-labelledby="id-h">
    <h2 id="id-h">Who it is</h2>
    ${pairs([
      ...presented(options),
      [
        'Labels',
        labels.length === 0 ? 'none' : labels.map(([name, value]) => html`<code><bdi>${name}="${value}"</bdi></code> `),
      ],
      ['Found by', foundBy(options)],
      ...madeBy(options.target?.ruleEffects ?? []),
      ['Announced', announcedBy(options)],
      ['Held by', isHeldByNobody(options) ? 'nobody: it is only observed' : heldBy(shard)],
      ['Known as', html`<code><bdi>${peer}</bdi></code> of <code>${group}</code>, since ${time(history.since, now)}`],
    ])}
  </section>`;
}

/** What another shard holds is observed here, and not held. */
export function isHeldByNobody({ status, target }: Pick<IdentityOptions, 'status' | 'target'>): boolean {
  return status.state === 'not_held' && target?.state !== 'other_shard';
}

function presented({ status, history, now }: IdentityOptions): readonly Pair[] {
  const { tls, certificate } = history;
  const server = tls?.server;
  const agreed: readonly Pair[] =
    tls === undefined
      ? []
      : [
          [
            'TLS',
            html`${tls.version ?? 'version unknown'},
              <code>${tls.cipher ?? 'cipher unknown'}</code>${tls.isResumed && ', resumed'}`,
          ],
        ];
  if (server === undefined) return [['Certificate', status.tls ? 'none was presented' : 'no TLS'], ...agreed];
  const first = certificate !== undefined && certificate.expiresAt !== server.notAfter && certificate.expiresAt;
  return [
    ['Certificate', html`<code><bdi>${server.subject}</bdi></code>`],
    [
      'Issued by',
      html`<code><bdi>${server.issuer}</bdi></code
        >, ${tls?.isVerified === true ? 'verified' : html`<b>not verified</b>`}`,
    ],
    [
      'Valid',
      html`${fullTime(server.notBefore).slice(0, 10)} to ${fullTime(server.notAfter)},
        <b>${leftOf(server.notAfter, now)}</b
        >${first !== false && html`; of its chain the first ends ${fullTime(first)}, <b>${leftOf(first, now)}</b>`}`,
    ],
    ...agreed,
  ];
}

/** Whole days are what is renewed by. */
function leftOf(notAfter: number, now: number): string {
  if (notAfter <= now) return 'it has ended';
  const days = Math.floor((notAfter - now) / DAY_MS);
  return days === 0 ? 'less than a day left' : `${counted(days, 'day')} left`;
}

/** What each rule made of its labels. */
function madeBy(effects: readonly RuleEffect[]): readonly Pair[] {
  if (effects.length === 0) return [];
  const more = effects.length - MOST_EFFECTS;
  const shown = effects
    .slice(0, MOST_EFFECTS)
    .map(
      ({ rule, sources, set, removed }) =>
        html`<div>
          <code>relabel_configs[${rule}]</code> ${set.length > 0 && html`set ${namesOf(set)}`}
          ${set.length > 0 && sources.length > 0 && html`from ${namesOf(sources)}`}
          ${removed.length > 0 && html`${set.length > 0 && 'and '}removed ${namesOf(removed)}`}
        </div>`,
    );
  return [['Rules', html`${shown}${more > 0 && `and ${counted(more, 'more rule')}`}`]];
}

function namesOf(names: readonly string[]): Html {
  const more = names.length - MOST_NAMES;
  const shown = names
    .slice(0, MOST_NAMES)
    .map((name, index) => html`${index > 0 && ', '}<code><bdi>${name}</bdi></code>`);
  return html`${shown}${more > 0 && ` and ${figure(more)} more`}`;
}

function foundBy({ target, status, prefix }: IdentityOptions): HtmlValue {
  if (target === null) return 'no target makes it any more';
  const { source, place, duplicates } = target;
  const query = new URLSearchParams({ group: status.group }).toString();
  return html`<code><bdi>${source}</bdi></code
    >${place !== undefined && `, entry ${figure(place.entry)} of ${figure(place.of)}`}${duplicates > 0 && `; ${figure(duplicates)} more with the same peer`},
    <a href="${prefix}/api/v1/targets?${query}">targets of its group</a>`;
}

function announcedBy({ status, target, now }: IdentityOptions): HtmlValue {
  const { announced } = status;
  const until = target?.lingerUntil;
  return html`${announced === undefined ? 'nothing' : `${announced}: ${announcementWords(announced)}`}${until !== undefined && html`; its connection may go on until ${time(until, now)}`}`;
}

/** In words; shards are counted from 0, as `--shard.ordinal` does. */
export function heldBy(shard: ShardOfPeer | null): string {
  if (shard === null) return 'this process; there are no shards';
  const which = `shard ${shard.ordinal} of ${shard.total}`;
  return shard.isThis ? `this process, ${which}` : `${which}; this is another one`;
}
