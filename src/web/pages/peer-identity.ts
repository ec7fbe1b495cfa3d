import type { PeerTarget, ShardOfPeer } from '../../domain/peer-target.ts';
import { announcementWords } from '../../explanations/reason-words.ts';
import type { PeerHistory } from '../../sinks/status/peer-history.ts';
import type { PeerStatus } from '../../sinks/status/peer-status.ts';
import { html, type Html, type HtmlValue } from './html.ts';
import { figure, fullTime, pairs, time, type Pair } from './page-parts.ts';

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
      ['Announced', announcedBy(options)],
      ['Held by', status.state === 'not_held' ? 'nobody: it is only observed' : heldBy(shard)],
      ['Known as', html`<code><bdi>${peer}</bdi></code> of <code>${group}</code>, since ${time(history.since, now)}`],
    ])}
  </section>`;
}

function presented({ status, history }: IdentityOptions): readonly Pair[] {
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
    ['Issued by', html`<code><bdi>${server.issuer}</bdi></code>`],
    [
      'Valid until',
      html`${fullTime(server.notAfter)}${first !== false && html`; of its chain the first ends ${fullTime(first)}`}`,
    ],
    ...agreed,
  ];
}

function foundBy({ target, status, prefix }: IdentityOptions): HtmlValue {
  if (target === null) return 'no target makes it any more';
  const { source, duplicates } = target;
  const query = new URLSearchParams({ group: status.group }).toString();
  return html`<code><bdi>${source}</bdi></code
    >${duplicates > 0 && `; ${figure(duplicates)} more with the same peer`},
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
