import { keepalive, seldom, writes, type Scenario, type ServerPlan } from '../scenario.ts';
import { SMALL_WINDOW_PORT } from '../addresses.ts';
import { nothingLeft } from './ends.ts';

/** More than any window the peer can have offered: the first write after it stopped reading closes it. */
const BYTES = 40_000;
/** Few: they move much, and each byte costs the peers' one process time that the other rows need. */
const slow = { repeat: 5, plain: false } as const;
const small = { port: SMALL_WINDOW_PORT } as const;
const trusted = { server_name: 'lab.test', ca_file: 'CERTIFICATES/ca.pem' };
const lost = (withinMs: readonly [number, number]) =>
  ({ kind: 'disconnect', verdict: 'error/retransmit_timeout', withinMs }) as const;
/** The kernel gives up at its first timer past user_timeout. */
const USER_TIMEOUT_3S = [2700, 7000] as const;
const stopReading = { server: ['stop_reading'] } as const;
const killed = (id: string, more: string, group: object, server?: ServerPlan): Scenario => ({
  ...slow,
  ...small,
  id,
  injected: `peer stops reading, its kernel answers each window probe, user_timeout 3 s${more}`,
  group: { ...writes(1000, BYTES), ...seldom, user_timeout: '3s', ...group },
  ...(server === undefined ? {} : { server }),
  steps: [stopReading],
  // A peer of ours that is too slow for its next connection makes the same end.
  expect: { ...lost(USER_TIMEOUT_3S), recurs: true },
});

/** A peer whose window is closed: nothing of ours is lost on the way, and nothing of it is taken. */
export const WINDOW: readonly Scenario[] = [
  {
    ...slow,
    id: 'W01',
    injected:
      'peer stops reading for 8 s, its kernel answers each window probe, write_timeout off; then it reads again',
    group: { ...writes(1000, BYTES), write_timeout: '0s' },
    ...small,
    steps: [stopReading, { wait: 8000 }, { server: ['read_again'] }],
    expect: { kind: 'none', forMs: 2000 },
  },
  {
    ...slow,
    id: 'W02',
    injected: 'peer stops reading, 1.7 s later the path is black-holed: window probes unanswered',
    group: { ...writes(1000, BYTES), ...seldom },
    ...small,
    steps: [stopReading, { wait: 1700 }, { firewall: 'black_hole' }],
    expect: lost([0, 14_000]),
  },
  {
    ...slow,
    id: 'W02b',
    injected: 'the same with keepalive 1 s / 1 s / 3',
    group: { ...writes(1000, BYTES), ...seldom, ...keepalive(1, 1, 3) },
    ...small,
    steps: [stopReading, { wait: 1700 }, { firewall: 'black_hole' }],
    expect: lost([0, 14_000]),
  },
  killed('W03', '', {}),
  killed('W03b', ', keepalive 1 s / 1 s / 3', keepalive(1, 1, 3)),
  killed('W04-1.2', ', TLS 1.2', { tls: trusted }, { tls: { version: '1.2' } }),
  killed('W04-1.3', ', TLS 1.3', { tls: trusted }, { tls: { version: '1.3' } }),
  {
    ...slow,
    id: 'W05',
    injected: 'path black-holed while we write 60,000 bytes every 1 s, write_timeout 3 s, user_timeout 60 s',
    group: { ...writes(1000, 60_000), ...seldom, write_timeout: '3s', user_timeout: '60s' },
    steps: [{ firewall: 'black_hole' }],
    twin: false,
    expect: { kind: 'disconnect', verdict: 'idle_timeout/write_stalled', withinMs: [2900, 12_000] },
    check: (k, seen) => {
      const end = seen.events.find(({ type }) => type === 'disconnected');
      if (end !== undefined && (end.retransmits ?? 0) === 0)
        return 'no retransmits: nothing says that the path is dead';
      return nothingLeft(k, seen);
    },
    note: 'the retransmits in the event tell it from a peer that does not read',
  },
];
