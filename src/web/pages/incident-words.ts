import { DISCONNECT_CLASSES, DISCONNECT_REASONS, type DisconnectClass } from '../../domain/disconnect.ts';
import type { IncidentChanged } from '../../domain/events/incident-event.ts';
import type { IncidentScope } from '../../domain/incident-scope.ts';
import { readableDuration } from '../../text/figures.ts';
import { html, type Html, type HtmlValue } from './html.ts';
import { figure, mark, wordHref } from './page-parts.ts';

/** What the peers share, as its kind stands beside it. */
export function scopeOf({ value }: IncidentScope): string {
  return value === '' ? 'all peers of this process' : value;
}

/** Whose connections they are, before the peers are named; empty: those that Finrst holds. */
export function whoseOf({ isObserved }: IncidentChanged): string {
  return isObserved ? 'Connections of applications to ' : '';
}

/** What happened to its peers, as far as all of them have it in common. */
export function brokeOf({ reasons }: IncidentChanged): string {
  const all = (...words: readonly string[]): boolean => Object.keys(reasons).every((reason) => words.includes(reason));
  if (all('reset')) return 'were reset together';
  if (all('fin', 'close_notify', 'goodbye')) return 'closed in order together';
  if (all('host_unreachable', 'network_unreachable', 'port_unreachable', 'prohibited'))
    return 'became unreachable together';
  if (all('keepalive_timeout', 'retransmit_timeout', 'timeout', 'no_reply', 'no_data', 'write_stalled'))
    return 'went silent together';
  return 'broke together';
}

/** How it stands: `running for 6 m 40 s`, `over after 4.0 s, 3 still down`. */
export function stateOf({ state, began, at, over, stillDown, partOf }: IncidentChanged, now: number): string {
  if (partOf !== undefined) return `a part of incident ${partOf} since ${readableDuration(Math.max(0, at - began))}`;
  const down = stillDown === 0 ? '' : `, ${figure(stillDown)} still down`;
  switch (state) {
    case 'running':
      return `running for ${readableDuration(Math.max(0, now - began))}`;
    case 'over':
      return `over after ${readableDuration(Math.max(0, (over ?? at) - began))}${down}`;
    case 'interrupted':
      return `interrupted after ${readableDuration(Math.max(0, at - began))}: this process stopped${down}`;
  }
}

/** How long it took until half of its peers were back; null: that is not known. */
export function backOf({ halfBackMs }: IncidentChanged): string | null {
  return halfBackMs === undefined ? null : `Back after ${readableDuration(halfBackMs)} (median).`;
}

/** How many ended for which reason, each with the mark of its class. */
export function reasonsOf({ reasons }: IncidentChanged, prefix: string): readonly Html[] {
  return Object.entries(reasons)
    .toSorted(([, one], [, other]) => other - one)
    .map(
      ([reason, count], index, { length }) =>
        html`<span>${mark(classOf(reason))}${figure(count)} <a href="${wordHref(prefix, reason)}">${reason}</a></span
          >${index < length - 1 && ' '}`,
    );
}

/** No two classes share a reason. */
function classOf(reason: string): DisconnectClass {
  const has = (name: DisconnectClass): boolean => (DISCONNECT_REASONS[name] as readonly string[]).includes(reason);
  return DISCONNECT_CLASSES.find(has) ?? 'error';
}

/** A fact that speaks for the cause. */
export function isFor(text: HtmlValue): Html {
  return html`<li><span class="yes">for</span> <span>${text}</span></li> `;
}

/** What another explanation would have shown, and is not so. */
export function not(text: HtmlValue): Html {
  return html`<li><span class="no">not</span> <span>${text}</span></li> `;
}
