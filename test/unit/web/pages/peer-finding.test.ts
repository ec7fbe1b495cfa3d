import { expect, test } from 'vitest';
import type { Limit } from '../../../../src/domain/limit.ts';
import { endOf, type PeerHistory } from '../../../../src/sinks/status/peer-history.ts';
import { findingSection } from '../../../../src/web/pages/peer-finding.ts';
import { peerSettings } from '../../../support/peer-settings.ts';
import { disconnectedEvent } from '../../../support/sample-finrst-events.ts';

const target = (idleSeconds: number | null) => ({
  settings: {
    ...peerSettings(1),
    keepalive: idleSeconds === null ? null : { idleSeconds, intervalSeconds: 10, count: 3 },
  },
  source: 's',
  state: 'active' as const,
  announced: null,
  duplicates: 0,
});

const places = {
  file: '/etc/finrst.yml',
  global: new Map([['keepalive.idle', 3]]),
  group: new Map([['keepalive', 61]]),
};

/** The text of the finding, spaces folded; null: there is none. */
function finding(
  limit: Limit | null,
  idleSeconds: number | null = 400,
  fatalMs: readonly number[] = [394_000, 371_200],
): string | null {
  const name = limit?.kind === 'age' ? 'age_limit' : 'idle_limit';
  const hint = limit === null ? {} : { hint: { name, limit } as never };
  const ends = fatalMs.map((quietMs) => endOf({ ...disconnectedEvent, quietMs, ...hint }));
  const history: PeerHistory = {
    since: 0,
    changes: [],
    ends,
    attempts: [],
    survivedMs: limit?.kind === 'silenceAtMost' ? limit.survivedMs : 347_000,
  };
  const section = findingSection({ prefix: '', group: 'partners', history, target: target(idleSeconds), places });
  expect(section?.pieces.join('') ?? '').not.toContain('\\u000a');
  return section === null ? null : section.pieces.join('').replaceAll(/\s+/g, ' ');
}

test('without a limit there is none', () => {
  expect(finding(null)).toBeNull();
});

const atMost = { kind: 'silenceAtMost', ends: 4, of: 5, survivedMs: 347_000, atMostMs: 352_000 } as const;

test('of a path that forgets says within which silence, what keepalive does, and what to set instead', () => {
  const text = finding(atMost);
  expect(text).toContain('Something on the path forgets this connection after 347 s to 352 s of silence');
  expect(text).toContain('It is 400 s (finrst.yml:61); each connection draws 80 to 100 % of that.');
  expect(text).toContain('- name: partners keepalive: {idle: 173s}</pre');
  expect(text).toContain('4 of the last 5 ends of this group');
  expect(text).toContain('href="/?group=partners&amp;view=timers"');
  expect(text).toContain('href="/words#known-limits"');
  expect(text).toContain('href="/words/hint-idle_limit"');
});

test('its figure has what was survived, what was fatal, and from when on our keepalive comes too late', () => {
  const text = finding(atMost) ?? '';
  expect(text).toContain('up to 347 s were survived; fatal: 394 s, 371.2 s. The limit is at 352 s.');
  expect(text.match(/<use href="#m-error"/g)).toHaveLength(2);
  const places = (element: string) =>
    new RegExp(`class="${element}" x="([\\d.]+)%" width="([\\d.]+)%"`).exec(text)?.slice(1);
  // The axis ends at 1.12 x 400 s.
  expect(places('span')).toEqual(['71.43', '17.86']);
  expect(places('toolate')).toEqual(['78.57', '10.71']);
  expect(places('fatalzone')).toEqual(['78.57', '21.43']);
  const ticks = (shown: string | null) =>
    [...(shown ?? '').matchAll(/y="134" text-anchor="middle" >([\d.]+)</g)].map(([, tick]) => tick);
  expect(ticks(text)).toEqual(['133', '267', '400']);
  const short = finding({ ...atMost, survivedMs: 0, atMostMs: 4000 }, 8, [4000]);
  expect(ticks(short)).toEqual(['2.7', '5.3', '8']);
  expect(finding(atMost, 100)).not.toContain('too late');
  expect(finding(atMost, null)).toContain('keepalive is off');
});

test('of a limit on payload asks for a heartbeat, since keepalive does not help', () => {
  const payload = { leastMs: 60_000, mostMs: 60_100 };
  const text = finding({ kind: 'silence', ends: 3, of: 3, packets: null, payload, age: null });
  expect(text).toContain('Something ends this connection after 60 s without payload');
  expect(text).toContain('A heartbeat every 30 s');
  expect(text).not.toContain('keepalive: {idle');
});

test('of an age closes before it, and has no figure of silences', () => {
  const text = finding({ kind: 'age', ends: 3, of: 3, age: { leastMs: 600_000, mostMs: 601_000 } });
  expect(text).toContain('max_connection_age: 480s');
  expect(text).not.toContain('<figure');
});
