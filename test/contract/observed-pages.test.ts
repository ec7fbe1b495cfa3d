import { describe, expect, test } from 'vitest';
import type { FinrstEvent } from '../../src/domain/events/finrst-event.ts';
import {
  connectedEvent,
  incidentEvent,
  observedConnectedEvent,
  observedErrorEvent,
  observedFinEvent,
} from '../support/sample-finrst-events.ts';
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

describe('the page of an observed peer', () => {
  const path = '/peer?group=payments-redis&peer=redis-0.payments%3A6379';
  const group: FinrstEvent = {
    type: 'groupAdded',
    at,
    group: peer.group,
    tls: false,
    expectsAnswer: false,
    canAnnounce: false,
    isObserved: true,
  };
  const up: FinrstEvent = { type: 'observerChanged', at, isUp: true };
  const connectionOf = (id: number) => ({
    ...observedConnectedEvent.connection,
    id,
    local: { address: '10.244.1.5', port: 40_000 + id },
  });
  const established = (id: number) => ({ ...observedConnectedEvent, connection: connectionOf(id) });

  test('says whose connections end, from counts in a window that it names', async () => {
    const events = [group, added, up, connectedEvent, established(1), established(7), observedErrorEvent];
    const text = await shown(path, events);
    expect(text).toContain('The applications&#39; connections end, ours does not');
    expect(text).toMatch(/Since [\d: -]+: 1 connection of applications broke, ours never\./);
    expect(text).toMatch(/The last one: reset \( ?ECONNRESET ?\), [\d: -]+, of java \(pid 4711\)/);
    expect(text).toMatch(/Ours 1 0 0 0 Theirs 1 1 0 0/);
  });

  test('lists what applications have, those that nobody closes first', async () => {
    const owner = { pid: 1, executable: '<b>\u202e', pod: 'uid-1' };
    const leak = { ...established(2), isFound: true, isCloseWait: true, connection: { ...connectionOf(2), owner } };
    const unknown = { ...established(3), connection: { ...connectionOf(3), owner: null } };
    const text = await shown(path, [group, added, up, connectedEvent, established(1), unknown, leak]);
    expect(text).toMatch(
      /1 connection is closed by the peer and not by its process \( ?CLOSE_WAIT ?\), the oldest for at least \d/,
    );
    const table = text.slice(text.indexOf('Connections that applications have now'));
    expect(table).toContain('all 3; those that the peer has closed first');
    const rows = [...table.matchAll(/(\S+) , pid|not known/g)].map(([all, word]) => word ?? all);
    expect(rows).toEqual(['&lt;b&gt;\\u202e', 'java', 'not known']);
    expect(table).toMatch(/pod uid-1 10\.244\.1\.5:40002 CLOSE_WAIT at least/);
    expect(table).toContain("older than Finrst's look");
  });

  test('shows no more than 50 of many, and all of their number', async () => {
    const many = Array.from({ length: 3000 }, (_, id) => established(id + 1));
    await using web = await startWeb({ events: [group, added, up, connectedEvent, ...many] });
    const { text } = await web.get(path);
    expect([...text.matchAll(/data-key="observed-\d+"/g)]).toHaveLength(50);
    expect(text).toContain('the first 50 of 3,000');
  });

  test('has nothing of it where the group is not observed, and counts where nothing is held', async () => {
    expect(await shown(path, [added, connectedEvent])).not.toContain('applications');
    const unheld: FinrstEvent = { type: 'peerAdded', at, peer, facts: { ...facts, isHeld: false } };
    const text = await shown(path, [{ ...group, isHeld: false }, unheld, up, established(7), observedFinEvent]);
    expect(text).toContain('The applications&#39; connections do not break');
    expect(text).toMatch(/Closed on this side Theirs 0 0 1 0/);
  });
});
