import type { IncidentPeer, IncidentRecord, IncidentStep } from '../../sinks/status/known-incidents.ts';
import { html, type Html } from './html.ts';
import { commonSection, type CommonOptions } from './incident-common.ts';
import { endsFigureSection } from './incident-ends.ts';
import { contrastSection } from './incident-values.ts';
import { whySection } from './incident-scopes.ts';
import { backOf, brokeOf, reasonsOf, scopeOf, stateOf, whoseOf } from './incident-words.ts';
import { type PageFrame, pageLayout } from './page-layout.ts';
import { figure, incidentHref, mark, meter, peerHref, time } from './page-parts.ts';

export type IncidentPageOptions = PageFrame &
  CommonOptions & {
    readonly now: number;
    /** How many peers each group has now. */
    readonly peersByGroup: ReadonlyMap<string, number>;
  };

/** Groups with most of its ends; a process may have hundreds. */
const GROUPS = 20;

/** One incident: its sentence, how it went, where its ends were, and the peers concerned. Its address stays. */
export function incidentPage(options: IncidentPageOptions): Html {
  const { record, now } = options;
  const { event } = record;
  return pageLayout({
    ...options,
    title: `Incident ${event.id}, ${event.state}`,
    isIncidents: true,
    kind: 'incidents',
    main: html`<article aria-labelledby="inc-h">
      <div class="verdict${event.state === 'running' && ' wrong'}">
        <header>
          <h1 id="inc-h">
            ${whoseOf(event)}${figure(event.ended)} of ${figure(event.of)} peers of
            <bdi>${scopeOf(event.scope)}</bdi> ${brokeOf(event)}
          </h1>
          <p class="when"><strong>${stateOf(event, now)}</strong>. ${backOf(event)} Incident ${event.id}</p>
        </header>
        <ol class="steps">
          <li class="done"><b>begun</b> ${time(event.began, now)}</li>
          ${record.steps.map((step, index) => stepOf(step, { now, before: record.steps[index - 1] }))}
          ${event.state === 'running' && html`<li><b>over</b> not yet: ${figure(event.stillDown)} are down</li>`}
        </ol>
        ${event.partOf !== undefined && html`<p>What it turned out to be: <a href="${incidentHref(options.prefix, event.partOf)}">incident ${event.partOf}</a>.</p>`}
        <p class="sentence"><span class="lead">To paste</span> <bdi>${event.sentence}</bdi></p>
      </div>
      <div class="evidence">
        ${() => endsFigureSection(record, options.prefix, now)} ${() => contrastSection(event)}
        ${() => whySection(event)} ${() => commonSection(options)} ${() => scopeSection(record, options.prefix)}
        ${() => record.endsByGroup.size > 1 && groupsSection(options)}
      </div>
      ${() => peersSection(options)}
    </article>`,
  });
}

type StepOptions = { readonly now: number; readonly before: IncidentStep | undefined };

function stepOf({ at, state, ended, of, scope }: IncidentStep, { now, before }: StepOptions): Html {
  const share = `${figure(ended)} of ${figure(of)}`;
  return html`<li class="done">
    <b>${nameOf(state, before)}</b> ${time(at, now)}, ${share}: ${scope.kind} <bdi>${scopeOf(scope)}</bdi>
  </li>`;
}

function nameOf(state: IncidentStep['state'], before: IncidentStep | undefined): string {
  switch (state) {
    case 'running':
      if (before === undefined) return 'found';
      return before.state === 'running' ? 'grown' : 'again';
    case 'over':
    case 'interrupted':
      return state;
  }
}

function scopeSection({ event }: IncidentRecord, prefix: string): Html {
  const { scope, also, ended, of, stillDown } = event;
  return html`<section aria-labelledby="scope-h">
    <h2 id="scope-h">What they share</h2>
    <dl class="panel pairs">
      <div>
        <dt>Scope</dt>
        <dd>
          <span class="scope">${scope.kind}</span> <code><bdi>${scopeOf(scope)}</bdi></code>
        </dd>
      </div>
      <div>
        <dt>The same peers</dt>
        <dd>
          ${also.length === 0 ? 'no other scope' : also.map((other) => html`<span class="scope">${other.kind}</span> <code><bdi>${scopeOf(other)}</bdi></code> `)}
        </dd>
      </div>
      <div>
        <dt>Ended</dt>
        <dd>
          ${figure(ended)} of ${figure(of)} that count: connected then, and without an end in the ten minutes before
        </dd>
      </div>
      <div>
        <dt>Unharmed</dt>
        <dd>${figure(of - ended)} of them</dd>
      </div>
      <div>
        <dt>Still down</dt>
        <dd>${stillDown === 0 ? 'none' : figure(stillDown)}</dd>
      </div>
      <div>
        <dt>Reasons</dt>
        <dd>${reasonsOf(event, prefix)}</dd>
      </div>
      ${
        event.traces.some(({ recorded }) => recorded) &&
        html`<div>
          <dt>Traces</dt>
          <dd><code>${event.traces.find(({ recorded }) => recorded)?.traceId}</code> is that of one of its ends</dd>
        </div>`
      }
    </dl>
  </section>`;
}

function groupsSection({ record, peersByGroup }: IncidentPageOptions): Html {
  const groups = [...record.endsByGroup].toSorted(([, one], [, other]) => other - one);
  const rows = groups.slice(0, GROUPS).map(([group, ends]) => {
    const all = Math.max(ends, peersByGroup.get(group) ?? 0);
    return html`<tr>
      <th scope="row">${group}</th>
      <td class="num">${figure(ends)}</td>
      <td class="num">${figure(all)}</td>
      <td>${meter(ends / all)}</td>
    </tr>`;
  });
  return html`<section aria-labelledby="groups-h">
    <h2 id="groups-h">Where its ends were</h2>
    <div class="panel scroll" tabindex="0" role="group" aria-label="The groups, a table">
      <table class="data">
        <thead>
          <tr>
            <th scope="col">Group</th>
            <th scope="col" class="num">Ends</th>
            <th scope="col" class="num">Peers now</th>
            <th scope="col">Share</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
    ${groups.length > GROUPS && html`<p class="basis">And ${figure(groups.length - GROUPS)} more groups.</p>`}
  </section>`;
}

function peersSection({ record, prefix, now }: IncidentPageOptions): Html {
  const { peers, event } = record;
  return html`<section aria-labelledby="peers-h">
    <div class="head">
      <h2 id="peers-h">The peers concerned</h2>
      <p class="quiet">
        ${peers.length < event.ended ? `the first ${figure(peers.length)} of ${figure(event.ended)}` : `all ${figure(peers.length)}`}
      </p>
    </div>
    ${
      peers.length === 0
        ? html`<p class="basis">Their names are not known here.</p>`
        : html`<div class="panel scroll" tabindex="0" role="group" aria-label="The peers, a table">
            <table class="data">
              <thead>
                <tr>
                  <th scope="col">Peer</th>
                  <th scope="col">Group</th>
                  <th scope="col">End</th>
                  <th scope="col">When</th>
                </tr>
              </thead>
              <tbody>
                ${peers.map((peer) => () => peerRow(peer, { prefix, now }))}
              </tbody>
            </table>
          </div>`
    }
  </section>`;
}

type PeerRowOptions = Pick<IncidentPageOptions, 'prefix' | 'now'>;

function peerRow(peer: IncidentPeer, { prefix, now }: PeerRowOptions): Html {
  return html`<tr data-key="${peer.connectionId}">
    <th scope="row">
      <a href="${peerHref(prefix, peer)}"><bdi>${peer.peer}</bdi></a>
    </th>
    <td>${peer.group}</td>
    <td>${mark(peer.class)}<span class="reason">${peer.reason}</span></td>
    <td>${time(peer.endedAt, now)}</td>
  </tr> `;
}
