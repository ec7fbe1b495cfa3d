import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ConnectFailed } from '../../src/domain/events/connection-events.ts';
import type { FinrstEvent } from '../../src/domain/events/finrst-event.ts';
import { ALL_PEERS } from '../../src/sinks/status/peer-query.ts';
import { createPeerStatuses } from '../../src/sinks/status/peer-status.ts';
import { createRecentEvents } from '../../src/sinks/status/recent-events.ts';
import {
  connectFailedEvent,
  disconnectedEvent,
  explainedEvent,
  incidentEvent,
  observedConnectedEvent,
  observedErrorEvent,
  observedFinEvent,
} from '../support/sample-finrst-events.ts';
import { fullLife } from '../support/metrics-docs.ts';
import { numbered } from '../support/numbered.ts';
import { publishTo } from '../support/publish-to.ts';
import { startWeb } from '../support/web-under-test.ts';

const markdown = readFileSync(new URL('../../docs/http.md', import.meta.url), 'utf8');
const failed: ConnectFailed = {
  ...connectFailedEvent,
  detail: 'd',
  goodbye: 'auth_failed',
  goodbyeCode: '28P01',
  tried: connectFailedEvent.tried.flatMap((one) => [one, one]),
};
const trace = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', recorded: true } as const;
const peer = { ...disconnectedEvent.peer, labels: { team: 'payments' } };
const events: readonly FinrstEvent[] = [
  ...fullLife({ tls: true, expectsAnswer: true }),
  failed,
  { ...disconnectedEvent, peer, trace, hint: { name: 'path_dead' } },
  explainedEvent,
  { ...explainedEvent, by: 'incident', incident: '7', endedAt: 1 } as const,
  incidentEvent,
  { ...incidentEvent, isObserved: true },
  { ...observedConnectedEvent, isFound: true },
  observedFinEvent,
  {
    ...observedErrorEvent,
    errorsInARow: 2,
    connection: { ...observedErrorEvent.connection, owner: { pid: 1, executable: 'a', pod: 'b' } },
  },
];

/** The names in the first column of the table under a heading. */
function documented(heading: string): readonly string[] {
  const section = markdown.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const firstCells = [...section.matchAll(/^\| (`.*?) \|/gm)].map((match) => match[1] ?? '');
  return firstCells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''));
}

test('the docs name every key of a peer, and no other', () => {
  const up = createPeerStatuses();
  const publish = publishTo(up.sink);
  const announced = { type: 'announcementChanged', at: 1, peer, announced: 'requested', isNew: true } as const;
  for (const event of [...fullLife({ tls: true, expectsAnswer: true }), connectFailedEvent, announced]) publish(event);
  const keys = new Set([...up.list(ALL_PEERS)].flatMap((status) => Object.keys(status)));
  expect([...documented('Peers')].sort()).toEqual([...keys].sort());
});

test('the docs name every key of an event, and no other', () => {
  const recent = createRecentEvents({ lastId: 0 });
  events.forEach(numbered(publishTo(recent.sink)));
  const types = [undefined, 'observed_connected', 'observed_ended'] as const;
  const texts = types.flatMap((type) => [...recent.query({ limit: 1000, ...(type !== undefined && { type }) })]);
  const keys = new Set(texts.flatMap((text) => Object.keys(JSON.parse(text) as object)));
  expect([...documented('Events')].sort()).toEqual([...keys].sort());
});

test('every path in the docs is served', async () => {
  await using web = await startWeb();
  const paths = [...markdown.matchAll(/^\| `(\/[^`]*)` \|/gm)].map((match) => match[1] ?? '');
  expect(paths.length).toBeGreaterThan(8);
  // A stream does not end.
  for (const path of paths) expect((await web.get(path, { method: 'HEAD' })).status).not.toBe(404);
});
