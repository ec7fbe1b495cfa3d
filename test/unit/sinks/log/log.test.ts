import { describe, expect, test } from 'vitest';
import type { FinrstEvent } from '../../../../src/domain/events/finrst-event.ts';
import { createLogSink, droppedLine } from '../../../../src/sinks/log/log.ts';
import type { LogLevel } from '../../../../src/sinks/log/log-entry.ts';
import { publishTo } from '../../../support/publish-to.ts';
import {
  connectedEvent,
  connectFailedEvent,
  disconnectedEvent,
  incidentEvent,
  localClosedEvent,
} from '../../../support/sample-finrst-events.ts';

const at = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

const AT_ONCE = { runLater: (job: () => void) => job() };

function linesOf(
  events: readonly FinrstEvent[],
  level: LogLevel = 'info',
  format: 'logfmt' | 'json' = 'logfmt',
  externalUrl: string | null = null,
) {
  const lines: string[] = [];
  const sink = createLogSink({ level, format, write: (line) => lines.push(line), externalUrl, work: AT_ONCE });
  events.forEach(publishTo(sink));
  return lines;
}

const won = { address: '192.0.2.7', startedMs: 2.5, durationMs: 4 };
const lost = { ...won, address: '192.0.2.8', abandoned: true } as const;

test('a connect that tried several addresses says which one failed; at most 16, and how many more', () => {
  const [line = ''] = linesOf([{ ...connectedEvent, tried: [lost, won] }]);
  expect(line).toContain(' tried=192.0.2.8:abandoned,192.0.2.7:connected ');
  const [many = ''] = linesOf([{ ...connectedEvent, tried: [...Array.from({ length: 19 }, () => lost), won] }]);
  expect(many).toContain(`tried=${'192.0.2.8:abandoned,'.repeat(16)}+4 `);
  const [json = ''] = linesOf([{ ...connectedEvent, tried: [lost, won] }], 'info', 'json');
  expect(JSON.parse(json)).toMatchObject({ tried: '192.0.2.8:abandoned,192.0.2.7:connected' });
});

test('a write that did not drain says in the line whether the path carries what we send', () => {
  const stalled = { ...disconnectedEvent, class: 'idle_timeout', reason: 'write_stalled' } as const;
  const [peer, path, unknown] = linesOf([
    { ...stalled, stalledBy: 'peer' },
    { ...stalled, stalledBy: 'path' },
    stalled,
  ]);
  expect(peer).toContain(' detail="the peer acknowledges what we send and does not read it" ');
  expect(path).toContain(' detail="the path does not carry what we send: it is not acknowledged" ');
  expect(unknown).not.toContain('detail=');
});

const recorded = { traceId: 'abc123', spanId: 'def', recorded: true };

describe('the line of', () => {
  test.each([
    {
      what: 'an established connection',
      event: connectedEvent,
      line:
        'ts=2026-01-02T03:04:05.678Z level=info msg="connection established" peer=redis-0.payments:6379 group=payments-redis ' +
        'connection_id=connection-1 address=192.0.2.7:6379 local=192.0.2.1:50123 connect_s=0.012 dns_s=0.002 tcp_s=0.004 tls_s=0.0055',
    },
    {
      what: 'a recovery, with how many attempts failed and how long it was down',
      event: { ...connectedEvent, timings: { totalMs: 3 }, failuresBefore: 7, downtimeMs: 61_234.5 },
      line:
        'ts=2026-01-02T03:04:05.678Z level=info msg="connection established after failures" peer=redis-0.payments:6379 ' +
        'group=payments-redis connection_id=connection-1 address=192.0.2.7:6379 local=192.0.2.1:50123 connect_s=0.003 failures=7 down_s=61.2345',
    },
    {
      what: 'a failed attempt',
      event: { ...connectFailedEvent, trace: recorded },
      line:
        'ts=2026-01-02T03:04:05.678Z level=warn msg="connect failed" peer=redis-0.payments:6379 group=payments-redis ' +
        'connection_id=connection-1 phase=tcp reason=refused errno=ECONNREFUSED address=192.0.2.7 duration_s=0.007 failures=1 retry_in_s=1 trace_id=abc123',
    },
    {
      what: 'a failed attempt at several addresses: how each went',
      event: {
        ...connectFailedEvent,
        tried: [
          { address: '2001:db8::7', startedMs: 2, durationMs: 5, reason: 'timeout', errno: 'ETIMEDOUT' },
          { address: '192.0.2.7', startedMs: 2, durationMs: 5, reason: 'refused', errno: 'ECONNREFUSED' },
        ],
      },
      line:
        'ts=2026-01-02T03:04:05.678Z level=warn msg="connect failed" peer=redis-0.payments:6379 group=payments-redis ' +
        'connection_id=connection-1 phase=tcp reason=refused errno=ECONNREFUSED address=192.0.2.7 ' +
        'tried=[2001:db8::7]:ETIMEDOUT,192.0.2.7:ECONNREFUSED duration_s=0.007 failures=1 retry_in_s=1',
    },
    {
      what: 'an abnormal end',
      event: { ...disconnectedEvent, trace: recorded },
      line:
        'ts=2026-01-02T03:05:05.678Z level=warn msg=disconnected peer=redis-0.payments:6379 group=payments-redis ' +
        'connection_id=connection-1 class=error reason=reset errno=ECONNRESET initiator=remote address=192.0.2.7:6379 ' +
        'local=192.0.2.1:50123 duration_s=60.00025 idle_s=1.5 quiet_s=0.5 received_bytes=70 sent_bytes=140 trace_id=abc123',
    },
    {
      what: 'a local close, which has no class',
      event: localClosedEvent,
      line:
        'ts=2026-01-02T03:05:05.678Z level=info msg="closed by us" peer=redis-0.payments:6379 group=payments-redis ' +
        'connection_id=connection-1 reason=max_age address=192.0.2.7:6379 local=192.0.2.1:50123 duration_s=60.00025 idle_s=1.5 ' +
        'quiet_s=0.5 received_bytes=70 sent_bytes=140',
    },
    {
      what: 'a reload',
      event: { type: 'reloadSucceeded', at, added: 1, changed: 2, removed: 3, unchanged: 4, configSha256: 'abc' },
      line: 'ts=2026-01-02T03:04:05.678Z level=info msg="configuration reloaded" added=1 changed=2 removed=3 unchanged=4',
    },
    {
      what: 'a refused reload, with all problems in one line',
      event: { type: 'reloadFailed', at, problems: ['f.yml:1:2: no', 'f.yml:3:4: "neither"'] },
      line:
        'ts=2026-01-02T03:04:05.678Z level=error msg="configuration not reloaded, the old one stays" problems=2 ' +
        'problem="f.yml:1:2: no; f.yml:3:4: \\"neither\\""',
    },
    {
      what: 'the start',
      event: {
        type: 'started',
        at,
        version: '1.2.3',
        nodeVersion: '24.0.0',
        peers: 9,
        kernelEvidence: true,
        listening: ['[::]:10346'],
      },
      line: 'ts=2026-01-02T03:04:05.678Z level=info msg=started version=1.2.3 node_version=24.0.0 peers=9 kernel_evidence=true listening=[::]:10346',
    },
    {
      what: 'the beginning of the shutdown',
      event: { type: 'stopping', at, signal: 'SIGTERM' },
      line: 'ts=2026-01-02T03:04:05.678Z level=info msg=stopping signal=SIGTERM',
    },
    {
      what: 'the end',
      event: { type: 'stopped', at, exitCode: 0 },
      line: 'ts=2026-01-02T03:04:05.678Z level=info msg=stopped exit_code=0',
    },
    {
      what: 'trouble of our own',
      event: { type: 'warned', at, level: 'error', message: 'could not start', fields: { port: 1 } },
      line: 'ts=2026-01-02T03:04:05.678Z level=error msg="could not start" port=1',
    },
  ] satisfies readonly { what: string; event: FinrstEvent; line: string }[])('$what', ({ event, line }) => {
    expect(linesOf([event])).toEqual([line]);
  });

  test('lines that were dropped', () => {
    expect(droppedLine('logfmt', at, 12)).toBe(
      'ts=2026-01-02T03:04:05.678Z level=error msg="log lines were dropped because nobody read them" dropped_lines=12',
    );
  });
});

test('a clean end is info, so that --log.level=warn shows only what is wrong', () => {
  const events = [
    connectedEvent,
    { ...disconnectedEvent, class: 'eof' as const, reason: 'fin' as const },
    disconnectedEvent,
  ];
  expect(linesOf(events, 'warn')).toHaveLength(1);
  expect(linesOf(events, 'error')).toEqual([]);
});

test('failures in a row are told the 1st, 2nd, 4th, 8th time, and all of them at debug', () => {
  const failures = Array.from({ length: 20 }, (_, index) => ({ ...connectFailedEvent, failuresInARow: index + 1 }));
  const told = linesOf(failures).map((line) => Number(/failures=(\d+)/.exec(line)?.[1]));
  expect(told).toEqual([1, 2, 4, 8, 16]);
  expect(linesOf(failures, 'debug')).toHaveLength(20);
});

test('a trace that was not recorded is not named: nobody could open it', () => {
  const [line] = linesOf([{ ...disconnectedEvent, trace: { ...recorded, recorded: false } }]);
  expect(line).not.toContain('trace_id');
});

test('JSON has the same fields, numbers as numbers', () => {
  const [line = ''] = linesOf([{ ...disconnectedEvent, trace: recorded }], 'info', 'json');
  expect(JSON.parse(line)).toEqual({
    ts: '2026-01-02T03:05:05.678Z',
    level: 'warn',
    msg: 'disconnected',
    peer: 'redis-0.payments:6379',
    group: 'payments-redis',
    connection_id: 'connection-1',
    class: 'error',
    reason: 'reset',
    errno: 'ECONNRESET',
    initiator: 'remote',
    address: '192.0.2.7:6379',
    local: '192.0.2.1:50123',
    duration_s: 60.00025,
    idle_s: 1.5,
    quiet_s: 0.5,
    received_bytes: 70,
    sent_bytes: 140,
    trace_id: 'abc123',
  });
});

describe('text from outside', () => {
  const nasty = 'a\nts=forged "x"=\u001b[2J\u0085\u2028\u202eb\ud800';

  test.each(['logfmt', 'json'] as const)('stays one line of %s without controls', (format) => {
    const [line = ''] = linesOf([{ ...connectFailedEvent, detail: nasty }], 'info', format);
    expect(line).toMatch(/^[\x20-\x7e]+$/);
  });

  test('is the same again when the JSON is read', () => {
    const [line = ''] = linesOf([{ ...connectFailedEvent, detail: nasty }], 'info', 'json');
    expect(JSON.parse(line)).toMatchObject({ detail: nasty });
  });

  test('cannot add a field to logfmt', () => {
    const [line = ''] = linesOf([{ ...connectFailedEvent, detail: 'x" level=error y="' }]);
    expect(line).toContain('detail="x\\" level=error y=\\""');
  });
});

describe('target labels', () => {
  const hostile = 'a" level=error\n\u001b[2J\u202e';
  const peer = { ...connectedEvent.peer, labels: { team: 'payments', severity: '', note: hostile } };
  const ends = [connectedEvent, connectFailedEvent, disconnectedEvent, localClosedEvent];

  test.each(ends)('are in the line of a $type, those that the peer has', (event) => {
    const [line = ''] = linesOf([{ ...event, peer }]);
    expect(line).toContain(
      ' group=payments-redis label.team=payments label.note="a\\" level=error\\n\\u001b[2J\\u202e" conn',
    );
    expect(line).not.toContain('severity');
    const [json = ''] = linesOf([{ ...event, peer }], 'info', 'json');
    expect(json).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(json)).toMatchObject({ labels: { team: 'payments', note: hostile } });
  });

  test('are in the lines about states and samples', () => {
    const events = [
      { type: 'stateEntered', at, peer, from: null, state: 'backoff' },
      { type: 'heartbeatAnswered', at, peer, rttMs: 0.4 },
    ] as const;
    for (const line of linesOf(events, 'debug')) expect(line).toContain(' label.team=payments ');
  });

  test('leave no trace where the peer has none', () => {
    const [json = ''] = linesOf([{ ...connectedEvent, peer: { ...peer, labels: { team: '' } } }], 'info', 'json');
    expect(JSON.parse(json)).not.toHaveProperty('labels');
  });
});

test('quiet events write nothing at info', () => {
  const of = { at, peer: connectedEvent.peer };
  const quiet: readonly FinrstEvent[] = [
    { type: 'stateEntered', ...of, from: null, state: 'backoff' },
    { type: 'heartbeatAnswered', ...of, rttMs: 0.4 },
    { type: 'certificateRead', ...of, expiresAt: at },
    { type: 'traffic', ...of, receivedBytes: 1, sentBytes: 2 },
    { type: 'loopStalled', at, durationMs: 999 },
    { type: 'scraped', at, outcome: 'aborted' },
    { type: 'peerRemoved', ...of },
  ];
  expect(linesOf(quiet)).toEqual([]);
  expect(linesOf(quiet, 'debug')).toHaveLength(6);
  expect(linesOf(quiet, 'debug').join('\n')).toContain('msg="certificate read" peer=redis-0.payments:6379');
});

test('a stall of a second is our own trouble', () => {
  expect(linesOf([{ type: 'loopStalled', at, durationMs: 1000 }])).toEqual([
    'ts=2026-01-02T03:04:05.678Z level=error msg="our own event loop was held up" duration_s=1',
  ]);
});

test.each(['https://finrst.example/a/', 'https://finrst.example/a'])(
  'an incident names its page where the address from outside is %s',
  (externalUrl) => {
    const lines = linesOf([incidentEvent, disconnectedEvent], 'info', 'logfmt', externalUrl);
    expect(lines[0]).toMatch(/ page=https:\/\/finrst\.example\/a\/incidents\/1767323040$/);
    expect(lines[1]).not.toContain('page=');
  },
);

test('an incident is one line in plain words: warn while it runs, info when it is over', () => {
  const over = { ...incidentEvent, state: 'over', over: at + 60_000 } as const;
  const lines = linesOf([incidentEvent, over, { ...over, stillDown: 0 }, { ...over, state: 'interrupted' }]);
  expect(lines[0]).toBe(
    `ts=2026-01-02T03:04:05.678Z level=warn msg="incident: ${incidentEvent.sentence}" incident=1767323040 state=running scope=group value=payments-redis began=2026-01-02T03:04:01.678Z ended=41 of=52 reasons=reset:40,no_reply:1 still_down=3`,
  );
  expect(lines[1]).toMatch(
    / level=info msg="incident over, 3 still down" .* state=over .* over=2026-01-02T03:05:05.678Z /,
  );
  expect(lines[2]).toMatch(/ level=info msg="incident over" /);
  expect(lines[3]).toMatch(/ level=info msg="incident interrupted: this process stops" .* state=interrupted /);
});
