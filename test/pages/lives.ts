import type { FinrstEvent } from '../../src/domain/events/finrst-event.ts';
import {
  connectedEvent,
  connectFailedEvent,
  disconnectedEvent,
  explainedEvent,
  incidentEvent,
  localClosedEvent,
  observedConnectedEvent,
  observedErrorEvent,
  observedFinEvent,
} from '../support/sample-finrst-events.ts';

const { at } = connectedEvent;
const tcp = {
  state: 'close',
  rttMs: 1.5,
  minRttMs: 1,
  totalRetransmits: 2,
  pendingRetransmits: 1,
  pendingProbes: 0,
  outstandingBytes: 24,
  silenceMs: 900,
} as const;

/** The peer whose page is looked at: a limit ended it. */
const LIMITED = 59;
const limit = { kind: 'silenceAtMost', ends: 4, of: 5, survivedMs: 347_000, atMostMs: 352_000 } as const;
const IDLE_LIMIT = { name: 'idle_limit', limit } as const;

/** What 60 peers of two groups went through: an incident, and ends of all kinds. */
export const ordinaryLife: readonly FinrstEvent[] = lifeOf((index) => ({
  group: index % 3 === 0 ? 'orders-postgres' : 'payments-redis',
  peer: `redis-${index}.payments.example:6379`,
  text: 'nothing listens on the port',
}));

/** Texts that try to break a page: markup, directions, controls, length, scripts of other kinds. */
const HOSTILE = [
  'a'.repeat(253),
  '<script>alert(1)</script>.example',
  '"><img src=x onerror=alert(1)>',
  '</td></tr></table><h1>owned</h1>',
  '{{constructor.constructor("alert(1)")()}}',
  '\u202eelpmaxe.moc\u202c',
  'zero\u200bwidth\ufeff\u0000\u001b[31m',
  'مرحبا.بالعالم.مثال',
  '日本語のとても長いホスト名'.repeat(8),
  'javascript:alert(1)',
];

/** The same with names, labels, certificates and messages of somebody who wants to run or to hide something. */
export const hostileLife: readonly FinrstEvent[] = lifeOf((index) => {
  const text = HOSTILE[index % HOSTILE.length] ?? '';
  return { group: 'g', peer: `${text}-${index}:1`, text: HOSTILE.join(' ') };
});

/** The page of the last peer of a life. */
export function peerPath(life: readonly FinrstEvent[]): string {
  const added = life.findLast((event) => event.type === 'peerAdded');
  if (added === undefined) throw new Error('nobody was added');
  const { group, peer } = added.peer;
  return `/peer?${new URLSearchParams({ group, peer }).toString()}`;
}

/** The page of their incident. */
export const incidentPath = `/incidents/${incidentEvent.id}`;

type Named = { readonly group: string; readonly peer: string; readonly text: string };

function lifeOf(name: (index: number) => Named): readonly FinrstEvent[] {
  const names = Array.from({ length: 60 }, (_, index) => name(index));
  const { text } = names[0] ?? name(0);
  const scope = { kind: 'label', value: `rack=${text}` } as const;
  const incident = { ...incidentEvent, scope, also: [scope], sentence: `${incidentEvent.sentence}: ${text}` };
  const over = { ...incident, id: '7', state: 'over', over: at + 60_000, stillDown: 3, halfBackMs: 2100 } as const;
  const observed = names.slice(-1).flatMap((named) => applications(named, names.length - 1));
  return [...names.flatMap(firstHours), ...observed, over, incident, ...names.flatMap(explanation)];
}

/** What the applications of this host have with the last peer: some connections, one that broke, two that nobody closes. */
function applications(named: Named, index: number): readonly FinrstEvent[] {
  const peer = refOf(named, index);
  const { group } = named;
  const owner = { pid: 4711, executable: named.text, pod: named.text };
  const connection = (id: number) => ({ ...observedConnectedEvent.connection, id, owner: id === 3 ? null : owner });
  const facts = { labels: {}, tls: true, expectsAnswer: false, canAnnounce: false };
  return [
    { type: 'groupAdded', at, group, ...facts, isObserved: true },
    { type: 'peerChanged', at, peer, facts: { ...facts, labels: { team: named.text }, host: 'h', port: 1 } },
    { type: 'observerChanged', at, isUp: true },
    ...[1, 2, 3, 4, 5].map((id) => ({ ...observedConnectedEvent, at, peer, connection: connection(id) })),
    { ...observedConnectedEvent, at, peer, connection: connection(6), isFound: true, isCloseWait: true },
    { ...observedFinEvent, at: at + 1000, peer, connection: connection(2) },
    { ...observedErrorEvent, at: at + 2000, peer, connection: connection(4) },
  ];
}

function refOf({ group, peer }: Named, index: number) {
  return { ...connectedEvent.peer, id: index, group, peer };
}

function firstHours(named: Named, index: number): readonly FinrstEvent[] {
  const { text } = named;
  const peer = refOf(named, index);
  const facts = {
    labels: { team: text, tier: '1' },
    tls: true,
    expectsAnswer: false,
    canAnnounce: false,
    host: 'h',
    port: 1,
  };
  const server = { subject: `CN=${text}`, issuer: `CN=CA of ${text}`, notBefore: at, notAfter: at + 86_400_000 };
  const tls = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', isResumed: false, isVerified: true, server };
  const certificate = { expiresAt: server.notAfter, readAt: at };
  return [
    { type: 'peerAdded', at: at - 7_200_000, peer, facts },
    { ...connectFailedEvent, peer, at: at - 7_000_000, detail: text },
    { ...connectedEvent, peer, at: at - 6_900_000, tls, certificate },
    { ...localClosedEvent, peer, at: at - 3_000_000, connectionId: 'a' },
    { ...connectedEvent, peer, at: at - 2_990_000, tls, certificate },
    { ...disconnectedEvent, peer, at: at - 1_000_000, class: 'eof', reason: 'fin', connectionId: 'b', detail: text },
    { ...connectedEvent, peer, at: at - 990_000, tls, certificate },
    {
      ...disconnectedEvent,
      peer,
      connectionId: `c-${index}`,
      retryInMs: 30_000,
      tcp,
      hint: index === LIMITED ? IDLE_LIMIT : { name: 'path_dead' },
    },
  ];
}

function explanation(named: Named, index: number): readonly FinrstEvent[] {
  const { announced: _, ...explained } = { announced: '', ...explainedEvent };
  const peer = refOf(named, index);
  return [
    {
      ...explained,
      by: 'incident',
      incident: incidentEvent.id,
      endedAt: at + index * 40,
      peer,
      connectionId: `c-${index}`,
    },
  ];
}
