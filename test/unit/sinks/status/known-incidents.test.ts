import { expect, test } from 'vitest';
import { KnownIncidents } from '../../../../src/sinks/status/known-incidents.ts';
import { publishTo } from '../../../support/publish-to.ts';
import { explainedEvent, incidentEvent } from '../../../support/sample-finrst-events.ts';

test('the last 100 incidents are kept, each as it was published last, the newest first', () => {
  const known = new KnownIncidents();
  const publish = publishTo(known.sink);
  for (let id = 1; id <= 101; id += 1) publish({ ...incidentEvent, id: String(id) });
  publish({ ...incidentEvent, id: '50', state: 'over', over: incidentEvent.at + 60_000, stillDown: 0 });
  const list = known.list();
  expect(list.map(({ id }) => Number(id))).toEqual(Array.from({ length: 100 }, (_, index) => 101 - index));
  expect(list.find(({ id }) => id === '50')).toEqual({
    id: '50',
    state: 'over',
    scope: 'group',
    value: 'payments-redis',
    began: '2026-01-02T03:04:01.678Z',
    over: '2026-01-02T03:05:05.678Z',
    ended: 41,
    of: 52,
    reasons: { reset: 40, no_reply: 1 },
    still_down: 0,
    observed: false,
    sentence: incidentEvent.sentence,
  });
});

test('an incident of the process has no value', () => {
  const known = new KnownIncidents();
  publishTo(known.sink)({ ...incidentEvent, scope: { kind: 'process', value: '' } });
  expect(known.list()[0]).not.toHaveProperty('value');
  expect(known.list()[0]).not.toHaveProperty('over');
});

test('the course of an incident and the first 200 of its peers are kept', () => {
  const known = new KnownIncidents();
  const publish = publishTo(known.sink);
  const { announced: _, ...explained } = { announced: '', ...explainedEvent };
  const ofIncident = { ...explained, by: 'incident', incident: incidentEvent.id, endedAt: incidentEvent.at } as const;
  publish(ofIncident);
  publish(incidentEvent);
  for (let id = 1; id <= 201; id += 1) {
    publish({ ...ofIncident, peer: { ...ofIncident.peer, id, group: id > 200 ? 'b' : 'a' } });
  }
  publish(explainedEvent);
  for (let doubling = 1; doubling <= 30; doubling += 1) publish({ ...incidentEvent, ended: 100 + doubling });
  const record = known.record(incidentEvent.id);
  expect(record?.peers).toHaveLength(200);
  expect(record?.peers[0]).toMatchObject({ id: 1, group: 'a', connectionId: 'connection-1', reason: 'reset' });
  expect([...(record?.endsByGroup ?? [])]).toEqual([
    ['a', 200],
    ['b', 1],
  ]);
  expect(record?.steps).toHaveLength(24);
  expect(record?.steps[0]?.ended).toBe(41);
  expect(record?.steps.at(-1)?.ended).toBe(130);
  expect(known.record('0')).toBeNull();
});

test('of observed connections it is said so, and their ends are its own', () => {
  const known = new KnownIncidents();
  const publish = publishTo(known.sink);
  publish({ ...incidentEvent, isObserved: true });
  const { at, peer } = explainedEvent;
  const end = { at, peer, connectionId: 'observed-7', class: 'error', reason: 'reset', endedAt: at } as const;
  publish({ type: 'observedExplained', ...end, incident: incidentEvent.id });
  publish({ type: 'observedExplained', ...end, incident: 'none' });
  expect(known.list()[0]?.observed).toBe(true);
  expect(known.record(incidentEvent.id)?.peers).toMatchObject([{ connectionId: 'observed-7', reason: 'reset' }]);
});
