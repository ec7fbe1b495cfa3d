import { describe, expect, test } from 'vitest';
import type { FinrstEvent } from '../../src/domain/events/finrst-event.ts';
import { connectedEvent, incidentEvent } from '../support/sample-finrst-events.ts';
import { startWeb, type WebOverrides } from '../support/web-under-test.ts';

const { at, peer } = connectedEvent;
const facts = { labels: {}, tls: false, expectsAnswer: false, canAnnounce: false, host: 'h', port: 1 };
const added: FinrstEvent = { type: 'peerAdded', at, peer, facts };

/** What a reader sees of it. */
async function shown(path: string, events: readonly FinrstEvent[], overrides: WebOverrides = {}): Promise<string> {
  await using web = await startWeb({ events, ...overrides });
  const { text } = await web.get(path);
  const main = text.slice(text.indexOf('<main'));
  return main.replaceAll(/<svg[^]*?<\/svg>|<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
}

describe('an incident of connections of applications', () => {
  const sentence = `connections of applications to ${incidentEvent.sentence}`;
  const none = { leastMs: Infinity, mostMs: -Infinity };
  const common = { ...incidentEvent.common, hints: {}, silences: none, ages: none };
  const incident = { ...incidentEvent, isObserved: true, sentence, common };
  const explained: FinrstEvent = {
    type: 'observedExplained',
    at,
    peer,
    connectionId: 'observed-7',
    class: 'error',
    reason: 'reset',
    incident: incident.id,
    endedAt: at,
  };
  const path = `/incidents/${incident.id}`;

  test('has a page that says whose connections they are, and what ours to the same peers do', async () => {
    const text = await shown(path, [added, connectedEvent, incident, explained]);
    expect(text).toContain('Connections of applications to 41 of 52 peers of payments-redis broke together');
    expect(text).toContain('the first 1 of 41');
    expect(text).toMatch(/not the peers or the way there as a whole: Finrst&#39;s own connections to 1 of 1 peer/);
    expect(text).not.toMatch(/lived for|were silent for|event loop|announced:|NaN|Infinity/);
    const down = await shown(path, [added, incident, explained]);
    expect(down).toMatch(/for Finrst&#39;s own connections to 0 of 1 peer/);
  });

  test('has ages where they are known, and nothing of ours where we hold nothing', async () => {
    const ages = { leastMs: 60_000, mostMs: 60_100 };
    const unheld: FinrstEvent = { type: 'peerAdded', at, peer, facts: { ...facts, isHeld: false } };
    const text = await shown(path, [unheld, { ...incident, common: { ...common, ages } }, explained]);
    expect(text).toContain('They all lived for 1 m 0 s: perhaps a limit of age');
    expect(text).not.toContain('Finrst&#39;s own connections');
  });

  test('leads the page of all peers, and puts none of them among those in an incident', async () => {
    const text = await shown('/', [added, connectedEvent, incident, explained]);
    expect(text).toContain('connections of applications to 41 of 52 peers of payments-redis ended within 1.8 s');
    expect(text).toContain('none in an incident');
    expect(text).not.toContain('Nothing is wrong now');
  });
});
