import type { PeerTarget, ShardOfPeer } from '../../domain/peer-target.ts';
import type { SettingPlaces } from '../../settings/setting-places.ts';
import type { PeerHistory } from '../../sinks/status/peer-history.ts';
import type { ObservedOfPeer } from '../../sinks/status/observed-peers.ts';
import type { PeerStatus } from '../../sinks/status/peer-status.ts';
import { html, type Html } from './html.ts';
import { type PageFrame, pageLayout } from './page-layout.ts';
import { type Pair, pairs } from './page-parts.ts';
import { attemptsSection } from './peer-attempts.ts';
import { endsSection, lastEndSection } from './peer-ends.ts';
import { factsList } from './peer-facts.ts';
import { findingSection } from './peer-finding.ts';
import { identitySection, isHeldByNobody } from './peer-identity.ts';
import { shownState } from './peer-state.ts';
import { runbookSections, type Runbook } from './peer-runbook.ts';
import { momentsSection } from './peer-moments.ts';
import { settingsSection } from './peer-settings-section.ts';
import { timelineSection } from './peer-timeline-chart.ts';
import { observedSection } from './observed/observed-section.ts';

export type PeerPageOptions = PageFrame & {
  readonly now: number;
  readonly status: PeerStatus;
  readonly history: PeerHistory;
  /** Null: no target makes the peer any more. */
  readonly target: PeerTarget | null;
  readonly shard: ShardOfPeer | null;
  readonly places: SettingPlaces;
  /** What to do about its last reason, and about why it is down. */
  readonly runbooks: readonly Runbook[];
  /** Null: its group is not observed. */
  readonly observed: ObservedOfPeer | null;
};

/** All that is known of one peer, in the order of an investigation. */
export function peerPage(options: PeerPageOptions): Html {
  const { status, prefix, now, history } = options;
  const state = shownState(status, history);
  return pageLayout({
    ...options,
    title: `${state.word}: ${status.peer}`,
    isIncidents: false,
    kind: 'onepeer',
    main:
      status.state === 'not_held'
        ? html`${() => heading(prefix, status)} ${() => notHeld(options)} ${() => theirs(options)}
          ${() => identitySection(options)}`
        : html`${() => heading(prefix, status)} ${() => factsList(options, state)}
            ${() => findingSection({ ...options, group: status.group })} ${() => theirs(options)}
            ${() => timelineSection(history, now)} ${() => endsSection(options)}
            <div class="cols">
              ${() => lastEndSection(history.ends[0], { prefix, now })}
              <div class="stack">
                ${() => momentsSection(history, prefix)} ${() => attemptsSection(history.attempts, now)}
              </div>
            </div>
            <div class="cols">${() => identitySection(options)} ${() => settingsSection(options)}</div>
            ${() => runbookSections(options.runbooks, { prefix, address: status.address })} ${() => elsewhere(options)}`,
  });
}

/** The connections of applications beside ours. */
function theirs({ observed, status, now }: PeerPageOptions): Html | null {
  const isOursUp = status.state === 'not_held' ? null : status.up;
  return observed && observedSection({ observed, isOursUp, now });
}

function notHeld(options: PeerPageOptions): Html {
  const { prefix, status } = options;
  const { group, peer } = status;
  const query = new URLSearchParams({ group, peer }).toString();
  const metric = `finrst_observed_connections{group=${JSON.stringify(group)},peer=${JSON.stringify(peer)}}`;
  return html`<section aria-labelledby="held-h">
    <h2 id="held-h">Not held</h2>
    <p>
      ${isHeldByNobody(options) ? 'Finrst has no connection to this peer and makes none.' : 'Another shard holds the connection to this peer.'}
      This one watches those that other processes of this host have.
    </p>
    ${pairs([
      ['Metrics', html`<code>${metric}</code>`],
      ['JSON', html`<a href="${prefix}/api/v1/observed?${query}">the connections of this peer</a>`],
    ])}
  </section>`;
}

function heading(prefix: string, { group, peer, labels }: PeerStatus): Html {
  const colon = peer.lastIndexOf(':');
  const [host, port] = colon === -1 ? [peer, ''] : [peer.slice(0, colon), peer.slice(colon)];
  const chips = Object.entries(labels).map(([name, value]) => {
    const query = new URLSearchParams({ [`label.${name}`]: value });
    return html`<a href="${prefix}/?${query.toString()}"><bdi>${name}=${value}</bdi></a> `;
  });
  const ofGroup = `${prefix}/?${new URLSearchParams({ group }).toString()}`;
  return html`<header class="who">
    <nav class="crumbs" aria-label="Where this is">
      <a href="${prefix}/">Peers</a> / <a href="${ofGroup}">${group}</a>
    </nav>
    <h1><bdi>${host}</bdi><span class="port">${port}</span></h1>
    ${chips.length > 0 && html`<p class="chips">${chips}</p>`}
  </header>`;
}

function elsewhere({ prefix, status, history }: PeerPageOptions): Html {
  const { group, peer } = status;
  const query = new URLSearchParams({ group, peer }).toString();
  const [last] = history.ends;
  const connection = status.connection_id ?? last?.connectionId;
  const traces: readonly Pair[] =
    last?.traceId === undefined ? [] : [['Trace of end 1', html`<code>${last.traceId}</code>`]];
  return html`<section aria-labelledby="more-h">
    <h2 id="more-h">Elsewhere</h2>
    ${pairs([
      ['Metrics', html`<code>finrst_peer_up{group=${JSON.stringify(group)},peer=${JSON.stringify(peer)}}</code>`],
      [
        'Log',
        html`<code>peer=${JSON.stringify(peer)}${connection !== undefined && ` connection_id=${connection}`}</code>`,
      ],
      ...traces,
      [
        'JSON',
        html`<a href="${prefix}/api/v1/peers?${query}">this peer</a>,
          <a href="${prefix}/api/v1/events?${query}">its events</a>`,
      ],
    ])}
  </section>`;
}
