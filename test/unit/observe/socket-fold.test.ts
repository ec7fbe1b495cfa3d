import { describe, expect, test } from 'vitest';
import type { ObservedStep } from '../../../src/observe/observed-step.ts';
import type { Claim } from '../../../src/observe/followed-socket.ts';
import { SocketFold } from '../../../src/observe/socket-fold.ts';
import type { Flow, TraceRecord } from '../../../src/os/tracefs/trace-record.ts';

const FLOW: Flow = { localAddress: '10.0.0.1', localPort: 40_000, remoteAddress: '10.0.0.2', remotePort: 5432 };
const CLAIM: Claim = { peers: ['db\u0000db:5432'], owner: { pid: 77, executable: 'app', pod: null } };
const STATES = {
  ESTABLISHED: 1,
  SYN_SENT: 2,
  SYN_RECV: 3,
  FIN_WAIT1: 4,
  FIN_WAIT2: 5,
  CLOSE: 7,
  CLOSE_WAIT: 8,
  LAST_ACK: 9,
} as const;
const MS = 1e6;

/** One line, as research and manuals write it: `ESTABLISHED>CLOSE`, `error 104`, `tcp_receive_reset`; `+30` moves the time by 30 ms, `loss` says that lines were lost. */
type Line = string;

type Lines = {
  readonly socket?: number;
  readonly flow?: Flow;
  readonly claim?: Claim | null;
};

class ReplayedTrace {
  readonly steps: ObservedStep[] = [];
  readonly fold = new SocketFold((step) => this.steps.push(step));
  timeNs = 1000 * MS;

  replay(lines: readonly Line[], { socket = 1, flow = FLOW, claim = CLAIM }: Lines = {}): this {
    for (const line of lines) {
      this.timeNs += 0.01 * MS;
      if (line.startsWith('+')) this.timeNs += Number(line.slice(1)) * MS;
      else if (line === 'loss') this.fold.linesLost(this.timeNs);
      else this.fold.record(this.#record(line, socket, flow), line === 'CLOSE>SYN_SENT' ? claim : null);
    }
    return this;
  }

  /** Long after all lines. */
  get outcomes(): readonly string[] {
    this.fold.settle(this.timeNs + 1000 * MS);
    return this.steps.map(inWords);
  }

  #record(line: Line, socket: number, flow: Flow): TraceRecord {
    const { timeNs } = this;
    if (line.startsWith('error')) return { kind: 'error', timeNs, errno: Number(line.slice(6)), flow };
    if (line === 'tcp_receive_reset') return { kind: 'resetReceived', timeNs, socket };
    if (line === 'tcp_send_reset') return { kind: 'keepaliveReset', timeNs, socket };
    if (line === 'tcp_retransmit_skb') return { kind: 'retransmit', timeNs, socket, flow };
    const [from = '', to = ''] = line.split('>');
    const before = line === 'CLOSE>SYN_SENT' ? { ...flow, localPort: 0 } : flow;
    return { kind: 'state', timeNs, socket, threadId: 77, from: stateOf(from), to: stateOf(to), flow: before };
  }
}

function stateOf(name: string): number {
  const state = (STATES as Readonly<Record<string, number>>)[name];
  if (state === undefined) throw new TypeError(`${name} is no state`);
  return state;
}

function inWords(step: ObservedStep): string {
  switch (step.step) {
    case 'connected':
      return 'connected';
    case 'found':
      return step.isCloseWait ? 'found in CLOSE_WAIT' : 'found';
    case 'connectFailed':
      return `connect failed ${step.errno ?? 'given up'}`;
    case 'ended': {
      const { end, errno, isCloseWait } = step;
      return [`${end.class}/${end.reason}`, ...(errno === null ? [] : [errno]), ...(isCloseWait ? ['held'] : [])].join(
        ' ',
      );
    }
    case 'released':
      return 'released';
    case 'lost':
      return step.wasCloseWait ? 'lost in CLOSE_WAIT' : 'lost';
    case 'retransmitted':
      return `retransmitted ${step.count}`;
  }
}

const OPEN = ['CLOSE>SYN_SENT', 'SYN_SENT>ESTABLISHED'];

describe('lines of a connection, and what they mean', () => {
  const table: readonly (readonly [string, readonly Line[], readonly string[]])[] = [
    [
      'the peer closes, then the application',
      ['ESTABLISHED>CLOSE_WAIT', 'CLOSE_WAIT>LAST_ACK', 'LAST_ACK>CLOSE'],
      ['eof/fin held', 'released'],
    ],
    ['the peer closes, the application does not', ['ESTABLISHED>CLOSE_WAIT', '+60000'], ['eof/fin held']],
    ['the peer resets', ['tcp_receive_reset', 'ESTABLISHED>CLOSE', 'error 104'], ['error/reset ECONNRESET']],
    ['a reset without its errno', ['tcp_receive_reset', 'ESTABLISHED>CLOSE'], ['error/reset']],
    [
      'FIN, then RST',
      ['ESTABLISHED>CLOSE_WAIT', 'tcp_receive_reset', 'CLOSE_WAIT>CLOSE', 'error 32'],
      ['eof/fin held', 'released'],
    ],
    ['EPIPE proves a FIN that no line shows', ['ESTABLISHED>CLOSE', 'error 32'], ['eof/fin EPIPE']],
    ['the application closes', ['ESTABLISHED>FIN_WAIT1', 'FIN_WAIT1>FIN_WAIT2', 'FIN_WAIT2>CLOSE'], ['local/closed']],
    [
      'the application closes, then a reset',
      ['ESTABLISHED>FIN_WAIT1', 'tcp_receive_reset', 'FIN_WAIT1>CLOSE', 'error 104'],
      ['local/closed'],
    ],
    ['the application aborts', ['ESTABLISHED>CLOSE'], ['local/aborted']],
    ['no error is none', ['ESTABLISHED>CLOSE', 'error 0'], ['local/aborted']],
    [
      'path dead, idle, keepalive',
      ['tcp_send_reset', 'ESTABLISHED>CLOSE', 'error 110'],
      ['error/keepalive_timeout ETIMEDOUT'],
    ],
    [
      'keepalive after healed loss',
      [
        'tcp_retransmit_skb',
        'tcp_retransmit_skb',
        'tcp_retransmit_skb',
        '+60000',
        'tcp_send_reset',
        'ESTABLISHED>CLOSE',
        'error 110',
      ],
      ['error/keepalive_timeout ETIMEDOUT', 'retransmitted 3'],
    ],
    [
      'path dead, data sent',
      ['tcp_retransmit_skb', '+800', 'tcp_retransmit_skb', '+1600', 'ESTABLISHED>CLOSE', 'error 110'],
      ['error/retransmit_timeout ETIMEDOUT', 'retransmitted 2'],
    ],
    [
      'a closed window, dead',
      ['tcp_retransmit_skb', '+900000', 'ESTABLISHED>CLOSE', 'error 110'],
      ['error/retransmit_timeout ETIMEDOUT', 'retransmitted 1'],
    ],
    [
      'a reset of the kernel long before is no witness',
      ['tcp_send_reset', '+500', 'ESTABLISHED>CLOSE', 'error 110'],
      ['error/retransmit_timeout ETIMEDOUT'],
    ],
    [
      'a timeout where lines were lost',
      ['loss', '+500', 'ESTABLISHED>CLOSE', 'error 110'],
      ['error/timeout ETIMEDOUT'],
    ],
    [
      'a witness stays one where lines were lost',
      ['loss', 'tcp_send_reset', 'ESTABLISHED>CLOSE', 'error 110'],
      ['error/keepalive_timeout ETIMEDOUT'],
    ],
    ['a loss long before', ['loss', '+2000', 'ESTABLISHED>CLOSE', 'error 110'], ['error/retransmit_timeout ETIMEDOUT']],
    ['an older kernel: the errno first', ['error 110', 'ESTABLISHED>CLOSE'], ['error/retransmit_timeout ETIMEDOUT']],
    [
      'an older kernel: reset of the kernel, errno, state',
      ['tcp_send_reset', 'error 110', 'ESTABLISHED>CLOSE'],
      ['error/keepalive_timeout ETIMEDOUT'],
    ],
    ['an errno long before is of something else', ['error 113', '+500', 'ESTABLISHED>CLOSE'], ['local/aborted']],
    ['an errno long after is of something else', ['ESTABLISHED>CLOSE', '+500', 'error 113'], ['local/aborted']],
    [
      'host unreachable',
      ['tcp_retransmit_skb', 'ESTABLISHED>CLOSE', 'error 113'],
      ['error/host_unreachable EHOSTUNREACH', 'retransmitted 1'],
    ],
    ['network unreachable', ['ESTABLISHED>CLOSE', 'error 101'], ['error/network_unreachable ENETUNREACH']],
    [
      'port unreachable',
      ['tcp_retransmit_skb', 'ESTABLISHED>CLOSE', 'error 111'],
      ['error/port_unreachable ECONNREFUSED', 'retransmitted 1'],
    ],
    ['prohibited', ['ESTABLISHED>CLOSE', 'error 13'], ['error/prohibited EACCES']],
    ['killed by this host', ['tcp_send_reset', 'ESTABLISHED>CLOSE', 'error 103'], ['error/aborted ECONNABORTED']],
    ['an errno that nobody knows', ['ESTABLISHED>CLOSE', 'error 4095'], ['error/other errno_4095']],
  ];

  test.each(table)('%s', (_what, lines, outcomes) => {
    expect(new ReplayedTrace().replay(OPEN).replay(lines).outcomes).toEqual(['connected', ...outcomes]);
  });

  const attempts: readonly (readonly [string, readonly Line[], readonly string[]])[] = [
    ['nobody listens', ['tcp_receive_reset', 'SYN_SENT>CLOSE', 'error 111'], ['connect failed ECONNREFUSED']],
    [
      'no answer',
      ['tcp_retransmit_skb', '+60000', 'SYN_SENT>CLOSE', 'error 110'],
      ['connect failed ETIMEDOUT', 'retransmitted 1'],
    ],
    ['the application gives up', ['+3000', 'SYN_SENT>CLOSE'], ['connect failed given up']],
    [
      'both connect at once',
      ['SYN_SENT>SYN_RECV', 'SYN_RECV>ESTABLISHED', 'ESTABLISHED>FIN_WAIT1'],
      ['connected', 'local/closed'],
    ],
  ];

  test.each(attempts)('an attempt: %s', (_what, lines, outcomes) => {
    expect(new ReplayedTrace().replay(['CLOSE>SYN_SENT']).replay(lines).outcomes).toEqual(outcomes);
  });
});

test('the local port, which is not known at the connect, is that of the line that establishes', () => {
  const { steps } = new ReplayedTrace().replay(OPEN);
  expect(steps[0]).toMatchObject({ step: 'connected', socket: { flow: FLOW, peers: CLAIM.peers, owner: CLAIM.owner } });
});

test('the address of a socket is used again at once: three lives', () => {
  const trace = new ReplayedTrace();
  trace.replay([...OPEN, 'ESTABLISHED>CLOSE']);
  trace.replay([...OPEN, 'tcp_receive_reset', 'ESTABLISHED>CLOSE', 'error 104'], {
    flow: { ...FLOW, localPort: 40_001 },
  });
  trace.replay([...OPEN, 'ESTABLISHED>FIN_WAIT1'], { flow: { ...FLOW, localPort: 40_002 } });
  expect(trace.outcomes.toSorted()).toEqual([
    'connected',
    'connected',
    'connected',
    'error/reset ECONNRESET',
    'local/aborted',
    'local/closed',
  ]);
  const ids = trace.steps.map((step) => (step.step === 'retransmitted' ? 0 : step.socket.id));
  expect(new Set(ids).size).toBe(3);
});

test('what the kernel said of a life before is not said of the next', () => {
  const trace = new ReplayedTrace().replay([...OPEN, 'tcp_receive_reset', ...OPEN, 'ESTABLISHED>CLOSE']);
  expect(trace.outcomes).toEqual(['connected', 'lost', 'connected', 'local/aborted']);
});

test('a life whose end no line showed is lost when the next one begins', () => {
  expect(new ReplayedTrace().replay([...OPEN, 'ESTABLISHED>CLOSE_WAIT', ...OPEN]).outcomes).toEqual([
    'connected',
    'eof/fin held',
    'lost in CLOSE_WAIT',
    'connected',
  ]);
});

test('nothing is said of a connection that nobody counts, nor of one that was accepted', () => {
  const trace = new ReplayedTrace().replay([...OPEN, 'ESTABLISHED>CLOSE'], { claim: null });
  expect(trace.replay(['SYN_RECV>ESTABLISHED', 'ESTABLISHED>CLOSE_WAIT'], { socket: 2 }).outcomes).toEqual([]);
});

test('a socket that somebody counted is not, once nobody does', () => {
  const trace = new ReplayedTrace().replay([...OPEN, 'ESTABLISHED>FIN_WAIT1']).replay(OPEN, { claim: null });
  expect(trace.replay(['ESTABLISHED>FIN_WAIT1']).outcomes).toEqual(['connected', 'local/closed']);
});

test('two namespaces with one flow: each end has the errno that came behind it', () => {
  const trace = new ReplayedTrace().replay(OPEN, { socket: 1 }).replay(OPEN, { socket: 2 });
  trace.replay(['ESTABLISHED>CLOSE'], { socket: 1 }).replay(['ESTABLISHED>CLOSE'], { socket: 2 });
  expect(trace.replay(['error 104', 'error 113']).outcomes).toEqual([
    'connected',
    'connected',
    'error/reset ECONNRESET',
    'error/host_unreachable EHOSTUNREACH',
  ]);
});

describe('what existed before', () => {
  const found = (isCloseWait: boolean): ReplayedTrace => {
    const trace = new ReplayedTrace();
    trace.fold.adopt(FLOW, CLAIM, { isCloseWait, atNs: trace.timeNs });
    return trace;
  };

  test('its age is not known', () => {
    expect(found(false).steps[0]).toMatchObject({ step: 'found', socket: { establishedNs: null } });
    const opened = new ReplayedTrace().replay(OPEN);
    expect(opened.steps[0]).toMatchObject({ socket: { establishedNs: opened.timeNs } });
  });

  test.each([
    ['the peer closes', ['ESTABLISHED>CLOSE_WAIT', 'CLOSE_WAIT>LAST_ACK'], ['eof/fin held', 'released']],
    ['a keepalive death', ['tcp_send_reset', 'ESTABLISHED>CLOSE', 'error 110'], ['error/keepalive_timeout ETIMEDOUT']],
    ['retransmits', ['tcp_retransmit_skb'], ['retransmitted 1']],
    ['a lost FIN', ['CLOSE_WAIT>LAST_ACK'], ['lost']],
  ] as const)('%s', (_what, lines, outcomes) => {
    expect(found(false).replay(lines).outcomes).toEqual(['found', ...outcomes]);
  });

  test('a leak that is older than the observer ends', () => {
    expect(found(true).replay(['CLOSE_WAIT>LAST_ACK', 'LAST_ACK>CLOSE']).outcomes).toEqual([
      'found in CLOSE_WAIT',
      'released',
    ]);
  });

  test('what is not there any more is lost, once', () => {
    const trace = found(false).replay(OPEN, { flow: { ...FLOW, localPort: 40_001 } });
    for (const held of Array.from(trace.fold.held())) trace.fold.lose(held, trace.timeNs);
    expect(trace.outcomes).toEqual(['found', 'connected', 'lost', 'lost']);
    expect([...trace.fold.held()]).toEqual([]);
  });

  test('two of one flow, in two namespaces, are two', () => {
    const trace = found(false);
    trace.fold.adopt(FLOW, CLAIM, { isCloseWait: false, atNs: trace.timeNs });
    trace.replay(['ESTABLISHED>FIN_WAIT1'], { socket: 5 });
    expect([...trace.fold.held()]).toHaveLength(1);
    expect(trace.replay(['ESTABLISHED>FIN_WAIT1'], { socket: 6 }).outcomes).toEqual([
      'found',
      'found',
      'local/closed',
      'local/closed',
    ]);
    expect([...trace.fold.held()]).toEqual([]);
  });
});

test('a connect whose line was lost is neither a failed one nor followed', () => {
  const trace = new ReplayedTrace().replay(['CLOSE>SYN_SENT', 'ESTABLISHED>CLOSE_WAIT', 'CLOSE_WAIT>LAST_ACK']);
  expect(trace.outcomes).toEqual([]);
});

test('a connect whose line was lost, and that was found in /proc, ends as what was found', () => {
  const trace = new ReplayedTrace().replay(['CLOSE>SYN_SENT']);
  trace.fold.adopt(FLOW, CLAIM, { isCloseWait: false, atNs: trace.timeNs });
  expect(trace.replay(['ESTABLISHED>CLOSE_WAIT']).outcomes).toEqual(['found', 'eof/fin held']);
});

test('an attempt is not held yet', () => {
  expect([...new ReplayedTrace().replay(['CLOSE>SYN_SENT']).fold.held()]).toEqual([]);
});
