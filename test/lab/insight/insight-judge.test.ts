import { expect, test } from 'vitest';
import type { SeenEvent } from '../event-feed.ts';
import { judgeInsight, type Seen } from './insight-judge.ts';

const BEGAN = '2026-01-01T00:00:00.000Z';
const harmedAt = Date.parse(BEGAN) + 1000;
const SENTENCE = '3 of 3 peers of g ended';
const WORDS = 'keepalive probes were not answered';
const expected = {
  incidents: [
    { scope: 'group', value: 'g', ended: 3, of: 3, reasons: { reset: 3 }, sentence: () => /^3 of 3 peers of g ended$/ },
  ],
  ends: [{ group: 'g', verdict: 'error/reset', count: 3, hint: 'path_dead', words: /^keepalive probes/ }],
} as const;

const peers = ['a', 'b', 'c'];
const event = (type: SeenEvent['type'], peer: string, more: object): SeenEvent => ({
  id: 1,
  at: harmedAt,
  type,
  group: 'g',
  peer,
  connection_id: `of-${peer}`,
  ...more,
});
const ended = (peer: string, more: object = {}): SeenEvent =>
  event('disconnected', peer, { class: 'error', reason: 'reset', hint: 'path_dead', hint_detail: WORDS, ...more });
const explained = (peer: string): SeenEvent => event('explained', peer, { by: 'incident', incident: '7' });
const line = (peer: string, hint = ` hint=path_dead hint_detail="${WORDS}"`): string =>
  `level=warn peer=${peer} group=g connection_id=of-${peer} class=error reason=reset${hint} duration_s=1`;
const incident = {
  id: '7',
  state: 'over',
  scope: 'group',
  value: 'g',
  began: BEGAN,
  ended: 3,
  of: 3,
  reasons: { reset: 3 },
  still_down: 0,
  sentence: SENTENCE,
};
const RUNNING = `level=warn msg="incident: ${SENTENCE}" incident=7 state=running scope=group value=g began=${BEGAN}`;
const OVER = 'level=info msg="incident over" incident=7 state=over scope=group value=g';
const metrics = new Map([
  ['finrst_incidents_total{scope="group"}', 1],
  ['finrst_incidents_total{scope="label"}', 0],
  ['finrst_incidents_total{scope="prefix"}', 0],
  ['finrst_incidents_total{scope="process"}', 0],
  ['finrst_incident_active', 0],
  ['finrst_hints_total{group="g",hint="path_dead"}', 3],
  ['finrst_hints_total{group="g",hint="incident"}', 3],
]);
const right: Seen = {
  harmedAt,
  activeThen: 1,
  exitCode: 0,
  dropped: 0,
  known: 6,
  metrics,
  incidents: [incident],
  events: [...peers.map((peer) => ended(peer)), ...peers.map(explained)],
  log: [...peers.map((peer) => line(peer)), RUNNING, OVER].join('\n'),
};
const others = (count: number): SeenEvent[] => peers.slice(0, count).map((peer) => ended(peer));
const withMetric = (name: string, value: number): Partial<Seen> => ({ metrics: new Map([...metrics, [name, value]]) });

test('finds no fault where all is as it should be', () => expect(judgeInsight(expected, right)).toEqual([]));

test('what this host dropped may be what an end lacked', () => {
  const dropped = peers.map((peer) => ended(peer, { hint: 'host_drops', hint_detail: 'dropped' }));
  const log = [...peers.map((peer) => line(peer, ' hint=host_drops hint_detail="dropped"')), RUNNING, OVER].join('\n');
  const counts = new Map([...metrics, ['finrst_hints_total{group="g",hint="host_drops"}', 3]]);
  counts.delete('finrst_hints_total{group="g",hint="path_dead"}');
  const seen = { ...right, events: [...dropped, ...peers.map(explained)], log, metrics: counts };
  expect(judgeInsight(expected, { ...seen, dropped: 5 })).toEqual([]);
  expect(judgeInsight(expected, seen)).not.toEqual([]);
});

test.each<{ when: string; but: Partial<Seen> }>([
  { when: 'there is no incident', but: { incidents: [] } },
  { when: 'there is one more', but: { incidents: [incident, { ...incident, id: '8', scope: 'process' }] } },
  { when: 'its scope is another one', but: { incidents: [{ ...incident, value: 'h' }] } },
  { when: 'it has another number of peers', but: { incidents: [{ ...incident, of: 4 }] } },
  { when: 'its reasons are others', but: { incidents: [{ ...incident, reasons: { reset: 2, fin: 1 } }] } },
  { when: 'its sentence is another one', but: { incidents: [{ ...incident, sentence: `${SENTENCE}; and` }] } },
  { when: 'it still runs', but: { incidents: [{ ...incident, state: 'running' }] } },
  { when: 'it began long before', but: { harmedAt: harmedAt + 60_000 } },
  { when: 'it began after the harm', but: { harmedAt: harmedAt - 60_000 } },
  { when: 'the log does not have it', but: { log: right.log.replace(RUNNING, '') } },
  {
    when: 'the log has another scope',
    but: { log: right.log.replace('scope=group value=g began', 'scope=label value=g began') },
  },
  { when: 'no line says that it is over', but: { log: right.log.replace(OVER, '') } },
  { when: 'an end is not explained', but: { events: right.events.slice(0, -1) } },
  { when: 'an end is explained twice', but: { events: [...right.events, explained('a')] } },
  { when: 'an end is missing', but: { events: [...others(2), ...peers.map(explained)] } },
  { when: 'a peer ended that was left alone', but: { events: [...right.events, { ...ended('d'), group: 'h' }] } },
  { when: 'a verdict is wrong', but: { events: [ended('a', { reason: 'other' }), ...right.events.slice(1)] } },
  { when: 'a hint is missing', but: { events: [ended('a', { hint: undefined }), ...right.events.slice(1)] } },
  { when: 'a hint has other words', but: { events: [ended('a', { hint_detail: 'no' }), ...right.events.slice(1)] } },
  { when: 'the log has no hint', but: { log: [line('a', ''), ...right.log.split('\n').slice(1)].join('\n') } },
  { when: 'an incident is not counted', but: withMetric('finrst_incidents_total{scope="group"}', 0) },
  { when: 'one is counted that was not', but: withMetric('finrst_incidents_total{scope="process"}', 1) },
  { when: 'one is still active', but: withMetric('finrst_incident_active', 1) },
  { when: 'none was active', but: { activeThen: 0 } },
  { when: 'a hint is not counted', but: withMetric('finrst_hints_total{group="g",hint="path_dead"}', 2) },
  { when: 'a hint is counted that was not', but: withMetric('finrst_hints_total{group="h",hint="own_stall"}', 1) },
  { when: 'the exit code is not 0', but: { exitCode: 1 } },
])('finds fault when $when', ({ but }) => expect(judgeInsight(expected, { ...right, ...but })).not.toEqual([]));

test('a hint that takes several ends may be missing before, and no more often than said', () => {
  const early = {
    group: 'g',
    verdict: 'error/reset',
    count: 1,
    least: true,
    hint: 'path_dead',
    words: /^keepalive/,
  } as const;
  const none = { hint: undefined, hint_detail: undefined };
  const events = [ended('a', none), ended('b', none), ended('c')];
  const log = [line('a', ''), line('b', ''), line('c')].join('\n');
  const counts = new Map([...metrics, ['finrst_hints_total{group="g",hint="path_dead"}', 1]]);
  counts.set('finrst_hints_total{group="g",hint="incident"}', 0).set('finrst_incidents_total{scope="group"}', 0);
  const seen = { ...right, incidents: [], events, known: events.length, log, metrics: counts };
  const judged = (most: number) =>
    judgeInsight({ incidents: [], ends: [{ ...early, before: { hint: null, most } }] }, seen);
  expect(judged(2)).toEqual([]);
  expect(judged(1)).not.toEqual([]);
});
