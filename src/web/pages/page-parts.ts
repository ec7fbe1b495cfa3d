import type { DisconnectClass } from '../../domain/disconnect.ts';
import type { PeerName } from '../../domain/peer-target.ts';
import type { ChangeKind } from '../../sinks/status/peer-history.ts';
import { readableDuration } from '../../text/figures.ts';
import { timestamp } from '../../text/timestamp.ts';
import { html, type Html, type HtmlValue } from './html.ts';

const DAY_MS = 86_400_000;

/** The shape of each kind of end, and its name for those who do not see it. */
const MARK_OF: Readonly<Record<Exclude<ChangeKind, 'connected'>, { readonly id: string; readonly name: string }>> = {
  eof: { id: 'eof', name: 'eof' },
  error: { id: 'error', name: 'error' },
  idle_timeout: { id: 'idle', name: 'idle_timeout' },
  announced: { id: 'announced', name: 'eof, announced' },
  local: { id: 'local', name: 'closed by us' },
  failed: { id: 'failed', name: 'connect failure' },
};

/** A mark in a line of text. */
export function mark(kind: Exclude<ChangeKind, 'connected'>): Html {
  const { id, name } = MARK_OF[kind];
  return html`<svg class="mark ${id}" viewBox="-4 -4 8 8" role="img" aria-label="${name}">
    <use href="#m-${id}" />
  </svg>`;
}

/** What an end counts as on a page. */
export function kindOfEnd(endClass: DisconnectClass, isAnnounced: boolean): Exclude<ChangeKind, 'connected'> {
  return endClass === 'eof' && isAnnounced ? 'announced' : endClass;
}

/** A held connection is a line; where there is none, the line is broken. */
export function stateLine(isUp: boolean): Html {
  return html`<svg class="state" viewBox="0 0 16 8" aria-hidden="true">
    <path class="${isUp ? 'up' : 'down'}" d="M0 4H16" />
  </svg>`;
}

/** A mark in a chart; `x` in per cent, `y` in pixels. */
export function chartMark(kind: Exclude<ChangeKind, 'connected'>, x: string, y: number): Html {
  const { id } = MARK_OF[kind];
  return html`<use href="#m-${id}" class="${id} halo" x="${x}" y="${y}" />`;
}

/** A point in time: the clock, with the day where it is another one; the whole of it and how long ago in the title. */
export function time(at: number, now: number): Html {
  const full = timestamp(at);
  const [day = '', clock = ''] = full.split('T');
  const isToday = day === timestamp(now).slice(0, 10) || (now - at < DAY_MS / 2 && at <= now);
  const shown = isToday ? clock.slice(0, 8) : `${day.slice(5)} ${clock.slice(0, 8)}`;
  return html`<time datetime="${full}" title="${fullTime(at)}, ${ago(at, now)}">${shown}</time>`;
}

/** `2026-11-26 14:27:55.302 UTC` */
export function fullTime(at: number): string {
  return `${timestamp(at).replace('T', ' ').replace('Z', '')} UTC`;
}

function ago(at: number, now: number): string {
  return at > now ? `in ${readableDuration(at - now)}` : `${readableDuration(now - at)} ago`;
}

/** The page of a peer. */
export function peerHref(prefix: string, { group, peer }: PeerName): string {
  return `${prefix}/peer?${new URLSearchParams({ group, peer }).toString()}`;
}

/** The page of an incident. */
export function incidentHref(prefix: string, id: string): string {
  return `${prefix}/incidents/${encodeURIComponent(id)}`;
}

/** The page of a word, by the anchor of its section in docs/reasons.md. */
export function wordHref(prefix: string, anchor: string): string {
  return `${prefix}/words/${encodeURIComponent(anchor)}`;
}

/** 15,000 */
export function figure(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** A sentence begins with it. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `1 peer`, `3 peers` */
export function counted(count: number, noun: string): string {
  return `${figure(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Per cent of a chart's width, between 0 and 100. */
export function percent(share: number): string {
  return `${(Math.min(1, Math.max(0, share)) * 100).toFixed(2)}%`;
}

/** A share as a bar; a figure stands beside it. */
export function meter(share: number): Html {
  return html`<svg class="chart meter" height="10" aria-hidden="true">
    <rect class="slot" x="0" width="100%" height="10" />
    <rect class="soft" x="0" width="${percent(share)}" height="10" />
  </svg>`;
}

/** A name and what is said of it. */
export type Pair = readonly [name: string, value: HtmlValue];

/** A list of them in a panel. */
export function pairs(all: readonly Pair[]): Html {
  return html`<dl class="panel pairs">
    ${all.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}
