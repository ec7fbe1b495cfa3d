import type { SeenEvent } from '../event-feed.ts';
import { FAST, SLOW, type Scenario, type ServerPlan } from '../scenario.ts';

const answered = (bytes = 6) => ({
  heartbeat: { send: `PING${'x'.repeat(bytes - 6)}\r\n`, interval: '1s', expect: '+PONG', timeout: '1s' },
});
const PONG = '+PONG\r\n';
const trusted = { server_name: 'lab.test', ca_file: 'CERTIFICATES/ca.pem' };
type More = Pick<Scenario, 'before' | 'repeat'> & { readonly bytes?: number };

/** A first answer that does not come, or is none: never a connection, so never a disconnect. Plain and over TLS 1.3. */
function never(id: string, injected: string, reason: string, server: ServerPlan, more: More): readonly Scenario[] {
  const { bytes, ...rest } = more;
  const row: Scenario = {
    ...rest,
    id,
    injected,
    group: answered(bytes),
    server,
    steps: [],
    twin: false,
    plain: false,
    expect: { kind: 'connectFailure', phase: 'protocol', reason, withinMs: 10_000 },
  };
  const overTls: Scenario = {
    ...row,
    id: `${id}-tls`,
    injected: `TLS 1.3: ${injected}`,
    group: { ...row.group, tls: trusted },
    server: { ...server, tls: { version: '1.3' } },
  };
  return [row, overTls];
}

/** After its one end nothing but this may happen to the peer, as long as the fault stays. */
export function afterwardsOnly(wanted: string): NonNullable<Scenario['check']> {
  return (_, { events }) => {
    const wrong = afterTheEnd(events)
      .map(({ type, phase, reason }) => `${type} ${phase}/${reason}`)
      .filter((word) => word !== wanted);
    return wrong.length === 0 ? null : `afterwards ${wrong.join(', ')}`;
  };
}

function afterTheEnd(events: readonly SeenEvent[]): readonly SeenEvent[] {
  return events.slice(events.findIndex(({ type }) => type === 'disconnected') + 1);
}

/** The next attempt begins `retry_in_s` after the end: nothing waits for the old socket. It fails when its answer is due. */
function retriesAsAnnounced(events: readonly SeenEvent[]): string | null {
  const end = events.find(({ type }) => type === 'disconnected');
  const [next] = afterTheEnd(events);
  if (end?.retry_in_s === undefined || next === undefined) return 'no retry_in_s, or no further attempt';
  const late = next.at - end.at - end.retry_in_s * 1000 - ANSWER_DUE_MS;
  return late < TOLERATED_MS ? null : `the next attempt began ${Math.round(late)} ms after retry_in_s`;
}
const ANSWER_DUE_MS = 1000;
/** Half of what waiting for the old socket's FIN would add. */
const TOLERATED_MS = 1000;

/** Where a heartbeat expects an answer, the first one makes the connection. */
export const FIRST_ANSWER: readonly Scenario[] = [
  ...never('A01', 'heartbeat with an answer due, the peer accepts and never answers', 'timeout', {}, { repeat: SLOW }),
  ...never(
    'A02',
    'heartbeat with an answer due, the first answer is another one',
    'rejected',
    { reply: '-ERR\r\n' },
    { repeat: SLOW },
  ),
  ...never(
    'A03',
    'heartbeat with an answer due, the peer closes instead of its first answer',
    'eof',
    { on_data: ['close'] },
    { repeat: FAST },
  ),
  ...never(
    'A04',
    'heartbeat with an answer due, the peer resets instead of its first answer',
    'reset',
    { on_data: ['rst'] },
    { repeat: FAST },
  ),
  never(
    'A05',
    'heartbeat of 4,000 bytes with an answer due, packets above 1,000 bytes are dropped: it never arrives',
    'timeout',
    { reply: PONG },
    { repeat: SLOW, before: [{ firewall: 'drop_large' }], bytes: 4000 },
  )[0]!,
  {
    id: 'A06',
    injected: 'peer process stopped (SIGSTOP) after its first answer, heartbeat every 1 s; it never answers again',
    repeat: SLOW,
    group: answered(),
    server: { process: 'answering', answers_once: true },
    steps: [{ server: ['kill SIGSTOP'] }],
    twin: false,
    plain: false,
    expect: { kind: 'disconnect', verdict: 'idle_timeout/no_reply', withinMs: [900, 2600] },
    check: (k, seen) => afterwardsOnly('connect_failed protocol/timeout')(k, seen) ?? retriesAsAnnounced(seen.events),
    note: 'its kernel goes on accepting: each later attempt fails as protocol/timeout, with backoff',
  },
];
