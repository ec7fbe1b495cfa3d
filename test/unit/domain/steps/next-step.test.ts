import { describe, expect, test } from 'vitest';
import type { ConnectionState, ConnectionStateName, PeerHistory } from '../../../../src/domain/connection-state.ts';
import type { ConnectionEffect, Step } from '../../../../src/domain/steps/connection-effect.ts';
import type { ConnectionInput } from '../../../../src/domain/steps/connection-input.ts';
import { firstStep, nextStep } from '../../../../src/domain/steps/next-step.ts';
import {
  ANNOUNCED,
  DISCONNECTED,
  DRAIN_MS,
  ID,
  INPUTS,
  LINGER_MS,
  LOCAL_CLOSED,
  NOW,
  OLDER,
  RECOVERED,
  SITUATIONS,
  TROUBLED,
  VANISHED,
  VANISHED_AT,
} from './inputs.ts';

type InputType = ConnectionInput['type'];
type Expected = 'same' | Step;

const reported = (from: ConnectionStateName, state: ConnectionStateName): ConnectionEffect => ({
  type: 'reportState',
  from,
  state,
});
const close = (drainMs: number): ConnectionEffect => ({ type: 'close', connectionId: ID, drainMs });
const step = (state: ConnectionState, ...effects: readonly ConnectionEffect[]): Step => ({ state, effects });

/** One failure more, with half of 8 s to wait. */
const FAILED_AGAIN = { ...TROUBLED, waits: 4, failuresInARow: 4 };
const failed: ConnectionEffect = {
  type: 'emit',
  event: { ...INPUTS.attemptFailed.facts, failuresInARow: 4, retryInMs: 4000, downMs: 6000 },
};
const attemptFailed = (from: ConnectionStateName): Step =>
  step({ name: 'backoff', history: FAILED_AGAIN, waitsUntil: NOW + 4000 }, failed, reported(from, 'backoff'), {
    type: 'wait',
    until: NOW + 4000,
  });
const outdated = (name: 'resolving' | 'connecting' | 'handshaking'): Step =>
  step({ name, connectionId: ID, history: TROUBLED, isOutdated: true });
const afreshIn = (name: 'resolving' | 'connecting' | 'handshaking', isOutdated = false): Step =>
  step({ name, connectionId: ID, history: { ...TROUBLED, waits: 0 }, isOutdated });
const DRAINING_TO_STOP: ConnectionState = { name: 'closing', step: 'drainingToStop', draining: [ID] };
const given = (from: ConnectionStateName): Step =>
  step(DRAINING_TO_STOP, reported(from, 'closing'), { type: 'cancelWait' }, close(300));

/** The news of an announcement, and of a target that vanished. `downMs` null: the peer was not down. */
const announcedNews = (downMs: number | null): ConnectionEffect => ({
  type: 'reportAnnouncement',
  announced: 'terminating',
  isNew: true,
  downMs,
});
const vanishedNews = (downMs: number | null): ConnectionEffect => ({
  type: 'reportAnnouncement',
  announced: 'removed',
  isNew: true,
  downMs,
});
const UNEXPLAINED = { class: 'eof', reason: 'fin', connectionId: ID, endedAt: NOW } as const;
/** Vanished just now; two minutes of last words follow. */
const GONE: PeerHistory = {
  ...TROUBLED,
  downSince: null,
  leaving: { announced: null, vanishedAt: NOW, goneAs: 'removed' },
};
/** Announced before it vanished just now. */
const ANNOUNCED_AND_GONE: PeerHistory = {
  ...ANNOUNCED,
  leaving: { announced: 'terminating', vanishedAt: NOW, goneAs: 'removed' },
};
const lastWordsFrom = (at: number): ConnectionEffect => ({ type: 'wait', until: at + 120_000 });
const cancelWait: ConnectionEffect = { type: 'cancelWait' };
/** The attempt is given up, and its socket drains. */
const announcedIn = (name: 'resolving' | 'connecting' | 'handshaking'): Step =>
  step(
    { name: 'retired', history: { ...ANNOUNCED, draining: [ID] } },
    announcedNews(6000),
    reported(name, 'retired'),
    close(DRAIN_MS),
  );
const vanishedIn = (name: 'resolving' | 'connecting' | 'handshaking'): Step =>
  step(
    { name: 'retired', history: { ...GONE, draining: [ID] } },
    vanishedNews(6000),
    reported(name, 'retired'),
    close(DRAIN_MS),
    lastWordsFrom(NOW),
  );
const stopRetired = step({ name: 'stopped' }, reported('retired', 'stopped'), cancelWait, { type: 'reportStopped' });
/** It waits or queues. */
const announcedInBackoff = (draining: readonly string[] = []): Step =>
  step(
    { name: 'retired', history: { ...ANNOUNCED, draining } },
    announcedNews(6000),
    reported('backoff', 'retired'),
    cancelWait,
  );
const vanishedInBackoff = (draining: readonly string[] = []): Step =>
  step(
    { name: 'retired', history: { ...GONE, draining } },
    vanishedNews(6000),
    reported('backoff', 'retired'),
    cancelWait,
    lastWordsFrom(NOW),
  );

const NOTHING: Record<InputType, Expected> = {
  waitOver: 'same',
  attemptDue: 'same',
  resolved: 'same',
  tcpConnected: 'same',
  established: 'same',
  attemptFailed: 'same',
  ended: 'same',
  drained: 'same',
  reconfigured: 'same',
  delayRestarted: 'same',
  planned: 'same',
  vanished: 'same',
  announcedElsewhere: 'same',
  stop: 'same',
};

/** Every situation times every input. Adding either without filling this in does not compile. */
const TABLE: {
  readonly [Name in ConnectionStateName]: Record<keyof (typeof SITUATIONS)[Name], Record<InputType, Expected>>;
} = {
  backoff: {
    waiting: {
      ...NOTHING,
      waitOver: step({ name: 'backoff', history: TROUBLED, waitsUntil: null }, { type: 'queueForConnectRate' }),
      delayRestarted: step(
        { name: 'backoff', history: { ...TROUBLED, waits: 1 }, waitsUntil: NOW + 500 },
        { type: 'wait', until: NOW + 500 },
      ),
      planned: announcedInBackoff(),
      vanished: vanishedInBackoff(),
      stop: step(
        { name: 'stopped' },
        reported('backoff', 'stopped'),
        { type: 'cancelWait' },
        { type: 'reportStopped' },
      ),
    },
    queued: {
      ...NOTHING,
      attemptDue: step(SITUATIONS.resolving.running, reported('backoff', 'resolving'), {
        type: 'dial',
        connectionId: ID,
      }),
      delayRestarted: step({ name: 'backoff', history: { ...TROUBLED, waits: 0 }, waitsUntil: null }),
      planned: announcedInBackoff(),
      vanished: vanishedInBackoff(),
      stop: step(
        { name: 'stopped' },
        reported('backoff', 'stopped'),
        { type: 'cancelWait' },
        { type: 'reportStopped' },
      ),
    },
    waitingWhileOneDrains: {
      ...NOTHING,
      waitOver: step(
        { name: 'backoff', history: { ...TROUBLED, draining: [ID] }, waitsUntil: null },
        { type: 'queueForConnectRate' },
      ),
      delayRestarted: step(
        { name: 'backoff', history: { ...TROUBLED, waits: 1, draining: [ID] }, waitsUntil: NOW + 500 },
        { type: 'wait', until: NOW + 500 },
      ),
      drained: step(SITUATIONS.backoff.waiting),
      planned: announcedInBackoff([ID]),
      vanished: vanishedInBackoff([ID]),
      stop: step(DRAINING_TO_STOP, reported('backoff', 'closing'), { type: 'cancelWait' }, close(300)),
    },
  },
  resolving: {
    running: {
      ...NOTHING,
      resolved: step(SITUATIONS.connecting.running, reported('resolving', 'connecting')),
      attemptFailed: attemptFailed('resolving'),
      reconfigured: outdated('resolving'),
      delayRestarted: afreshIn('resolving'),
      planned: announcedIn('resolving'),
      vanished: vanishedIn('resolving'),
      stop: given('resolving'),
    },
  },
  connecting: {
    running: {
      ...NOTHING,
      tcpConnected: step(SITUATIONS.handshaking.running, reported('connecting', 'handshaking')),
      attemptFailed: attemptFailed('connecting'),
      reconfigured: outdated('connecting'),
      delayRestarted: afreshIn('connecting'),
      planned: announcedIn('connecting'),
      vanished: vanishedIn('connecting'),
      stop: given('connecting'),
    },
  },
  handshaking: {
    running: {
      ...NOTHING,
      established: step(
        { name: 'established', connectionId: ID, history: RECOVERED },
        reported('handshaking', 'established'),
        { type: 'emit', event: { ...INPUTS.established.facts, failuresBefore: 3, downMs: 6000, downtimeMs: 6000 } },
        { type: 'hold', connectionId: ID },
      ),
      attemptFailed: attemptFailed('handshaking'),
      reconfigured: outdated('handshaking'),
      delayRestarted: afreshIn('handshaking'),
      planned: announcedIn('handshaking'),
      vanished: vanishedIn('handshaking'),
      stop: given('handshaking'),
    },
    outdated: {
      ...NOTHING,
      established: step(
        SITUATIONS.established.held,
        reported('handshaking', 'established'),
        { type: 'emit', event: { ...INPUTS.established.facts, failuresBefore: 3, downMs: 6000, downtimeMs: 6000 } },
        { type: 'hold', connectionId: ID },
        { type: 'endConnection', connectionId: ID, reason: 'reconfigured' },
      ),
      attemptFailed: attemptFailed('handshaking'),
      reconfigured: outdated('handshaking'),
      delayRestarted: afreshIn('handshaking', true),
      planned: announcedIn('handshaking'),
      vanished: vanishedIn('handshaking'),
      stop: given('handshaking'),
    },
  },
  established: {
    held: {
      ...NOTHING,
      ended: step(
        {
          name: 'backoff',
          history: {
            ...RECOVERED,
            waits: 4,
            downFrom: NOW,
            downSince: NOW,
            draining: [ID],
            unexplained: UNEXPLAINED,
          },
          waitsUntil: NOW + 4000,
        },
        { type: 'emit', event: { ...DISCONNECTED, retryInMs: 4000 } },
        reported('established', 'backoff'),
        { type: 'wait', until: NOW + 4000 },
        close(DRAIN_MS),
      ),
      reconfigured: step(SITUATIONS.established.held, {
        type: 'endConnection',
        connectionId: ID,
        reason: 'reconfigured',
      }),
      planned: step(
        { name: 'established', connectionId: ID, history: { ...RECOVERED, leaving: ANNOUNCED.leaving } },
        announcedNews(null),
      ),
      vanished: step(
        { name: 'established', connectionId: ID, history: { ...RECOVERED, leaving: GONE.leaving } },
        vanishedNews(null),
        { type: 'wait', until: NOW + LINGER_MS },
      ),
      stop: step(
        { name: 'closing', connectionId: ID, step: 'ending', drainMs: 300, draining: [] },
        reported('established', 'closing'),
        { type: 'endConnection', connectionId: ID, reason: 'shutdown' },
      ),
    },
    announced: {
      ...NOTHING,
      ended: step(
        { name: 'retired', history: { ...ANNOUNCED, downFrom: NOW, draining: [ID] } },
        { type: 'emit', event: { ...DISCONNECTED, announced: 'terminating' } },
        reported('established', 'retired'),
        close(DRAIN_MS),
      ),
      reconfigured: step(SITUATIONS.established.announced, {
        type: 'endConnection',
        connectionId: ID,
        reason: 'reconfigured',
      }),
      vanished: step(
        { name: 'established', connectionId: ID, history: ANNOUNCED_AND_GONE },
        { type: 'wait', until: NOW + LINGER_MS },
      ),
      stop: step(
        { name: 'closing', connectionId: ID, step: 'ending', drainMs: 300, draining: [] },
        reported('established', 'closing'),
        cancelWait,
        { type: 'endConnection', connectionId: ID, reason: 'shutdown' },
      ),
    },
    lingering: {
      ...NOTHING,
      waitOver: step(SITUATIONS.established.lingering, {
        type: 'endConnection',
        connectionId: ID,
        reason: 'removed',
      }),
      ended: step(
        { name: 'retired', history: { ...VANISHED, downFrom: NOW, draining: [ID] } },
        { type: 'emit', event: { ...DISCONNECTED, announced: 'removed' } },
        reported('established', 'retired'),
        close(DRAIN_MS),
        lastWordsFrom(NOW),
      ),
      reconfigured: step(SITUATIONS.established.lingering, {
        type: 'endConnection',
        connectionId: ID,
        reason: 'reconfigured',
      }),
      planned: step({ name: 'established', connectionId: ID, history: ANNOUNCED }, announcedNews(null), cancelWait),
      stop: step(
        { name: 'closing', connectionId: ID, step: 'ending', drainMs: 300, draining: [] },
        reported('established', 'closing'),
        cancelWait,
        { type: 'endConnection', connectionId: ID, reason: 'shutdown' },
      ),
    },
  },
  closing: {
    ending: {
      ...NOTHING,
      ended: step(DRAINING_TO_STOP, { type: 'emit', event: DISCONNECTED }, close(DRAIN_MS)),
      stop: step({ ...SITUATIONS.closing.ending, drainMs: 300 }),
    },
    draining: {
      ...NOTHING,
      drained: step(SITUATIONS.backoff.queued, reported('closing', 'backoff'), { type: 'queueForConnectRate' }),
      planned: step({ ...SITUATIONS.closing.draining, history: ANNOUNCED }, announcedNews(6000)),
      vanished: step({ ...SITUATIONS.closing.draining, history: GONE }, vanishedNews(6000)),
      stop: step(DRAINING_TO_STOP, close(300)),
    },
    drainingToRetire: {
      ...NOTHING,
      drained: step(SITUATIONS.retired.vanished, reported('closing', 'retired'), lastWordsFrom(VANISHED_AT)),
      planned: step({ ...SITUATIONS.closing.draining, history: ANNOUNCED }, announcedNews(null), cancelWait),
      stop: step(DRAINING_TO_STOP, close(300)),
    },
    drainingToStop: {
      ...NOTHING,
      drained: step({ name: 'stopped' }, reported('closing', 'stopped'), { type: 'reportStopped' }),
      stop: step(DRAINING_TO_STOP, close(300)),
    },
  },
  retired: {
    announced: {
      ...NOTHING,
      vanished: step({ name: 'retired', history: ANNOUNCED_AND_GONE }, lastWordsFrom(NOW)),
      stop: stopRetired,
    },
    vanished: {
      ...NOTHING,
      waitOver: step({ name: 'stopped' }, reported('retired', 'stopped'), { type: 'forget' }),
      planned: step(SITUATIONS.retired.announced, announcedNews(null), cancelWait),
      stop: stopRetired,
    },
    announcedWhileOneDrains: {
      ...NOTHING,
      drained: step(SITUATIONS.retired.announced),
      vanished: step({ name: 'retired', history: { ...ANNOUNCED_AND_GONE, draining: [ID] } }, lastWordsFrom(NOW)),
      stop: step(DRAINING_TO_STOP, reported('retired', 'closing'), cancelWait, close(300)),
    },
  },
  stopped: { over: { ...NOTHING, stop: step({ name: 'stopped' }, { type: 'reportStopped' }) } },
};

const rows = Object.entries(TABLE).flatMap(([name, situations]) =>
  Object.entries(situations).flatMap(([situation, inputs]) =>
    Object.entries(inputs).map(([input, expected]) => ({
      situation: `${name}, ${situation}`,
      before: (SITUATIONS as Record<string, Record<string, ConnectionState>>)[name]?.[situation] as ConnectionState,
      input: INPUTS[input as InputType],
      expected,
    })),
  ),
);

describe.each(rows)('$situation', ({ before, input, expected }) => {
  test(`on ${input.type}`, () => {
    const after = nextStep(before, input);
    if (expected === 'same') {
      expect(after.state).toBe(before);
      expect(after.effects).toEqual([]);
    } else expect(after).toEqual(expected);
  });
});

const ofConnection = rows.filter(({ before, input }) => 'connectionId' in before && 'connectionId' in input);
test.each(ofConnection)('$situation: $input.type of another connection does nothing', ({ before, input }) => {
  const after = nextStep(before, { ...input, connectionId: 'an older one' } as ConnectionInput);
  expect(after.state).toBe(before);
  expect(after.effects).toEqual([]);
});

test('a new peer queues for its first attempt, without a wait', () => {
  expect(firstStep()).toEqual({
    state: {
      name: 'backoff',
      history: {
        waits: 0,
        failuresInARow: 0,
        downFrom: null,
        downSince: null,
        draining: [],
        leaving: null,
        unexplained: null,
        hasMoved: false,
      },
      waitsUntil: null,
    },
    effects: [{ type: 'reportState', from: null, state: 'backoff' }, { type: 'queueForConnectRate' }],
  });
});

describe('a connection whose bytes do not drain is reset, for a FIN would never leave', () => {
  const event = { ...DISCONNECTED, class: 'idle_timeout', reason: 'write_stalled' } as const;
  const reset: ConnectionEffect = { type: 'reset', connectionId: ID };

  test('when it is held', () => {
    const { effects } = nextStep(SITUATIONS.established.held, { ...INPUTS.ended, event });
    expect(effects.at(-1)).toEqual(reset);
  });

  test('when a stop had asked for its end', () => {
    expect(nextStep(SITUATIONS.closing.ending, { ...INPUTS.ended, event })).toEqual(
      step(DRAINING_TO_STOP, { type: 'emit', event }, reset),
    );
  });
});

describe('an attempt that fails', () => {
  const { handshaking } = SITUATIONS;

  test('with an open socket closes it in order, and does not wait for it', () => {
    expect(nextStep(handshaking.running, { ...INPUTS.attemptFailed, isOpen: true })).toEqual(
      step(
        { name: 'backoff', history: { ...FAILED_AGAIN, draining: [ID] }, waitsUntil: NOW + 4000 },
        failed,
        reported('handshaking', 'backoff'),
        { type: 'wait', until: NOW + 4000 },
        close(DRAIN_MS),
      ),
    );
  });

  test('with nothing to wait queues again at once', () => {
    const { state, effects } = nextStep(handshaking.running, { ...INPUTS.attemptFailed, random: 0 });
    expect(state).toMatchObject({ name: 'backoff', waitsUntil: null });
    expect(effects.at(-1)).toEqual({ type: 'queueForConnectRate' });
  });

  test('never waits longer than reconnect.max', () => {
    const reconnect = { initialMs: 1000, maxMs: 2000 };
    const { effects } = nextStep(handshaking.running, { ...INPUTS.attemptFailed, reconnect, random: 1 });
    expect(effects.at(-1)).toEqual({ type: 'wait', until: NOW + 2000 });
  });
});

describe('how long a peer was down', () => {
  const { running } = SITUATIONS.handshaking;
  const { held } = SITUATIONS.established;
  /** The events of these inputs, one after the other. */
  const eventsOf = (history: PeerHistory, ...inputs: readonly ConnectionInput[]) => {
    let state: ConnectionState = { ...running, history };
    return inputs.flatMap((input) => {
      if (state.name !== 'established') state = { ...running, history: 'history' in state ? state.history : history };
      const after = nextStep(state, input);
      state = after.state;
      return after.effects.flatMap((effect) => (effect.type === 'emit' ? [effect.event] : []));
    });
  };
  const NEW: PeerHistory = { ...RECOVERED, downFrom: null };
  const CLOSED: PeerHistory = { ...RECOVERED, downFrom: NOW - 3000 };
  const failedAt = (now: number): ConnectionInput => ({ ...INPUTS.attemptFailed, now });
  const establishedAt = (now: number): ConnectionInput => ({ ...INPUTS.established, now });

  test('not at all when its first attempt succeeds, be it the very first or the one after our own close', () => {
    for (const history of [NEW, CLOSED]) {
      expect(eventsOf(history, INPUTS.established)).toEqual([{ ...INPUTS.established.facts, failuresBefore: 0 }]);
    }
  });

  test('from its first failure where it was never connected, which is no downtime between two connections', () => {
    const events = eventsOf(NEW, failedAt(NOW), failedAt(NOW + 700), establishedAt(NOW + 1000));
    expect(events).toMatchObject([{ downMs: 0 }, { downMs: 700 }, { downMs: 1000 }]);
    expect(events.at(-1)).not.toHaveProperty('downtimeMs');
  });

  test('from our own close where the attempt that follows it fails', () => {
    const events = eventsOf(CLOSED, failedAt(NOW), failedAt(NOW + 700), establishedAt(NOW + 1000));
    expect(events).toMatchObject([{ downMs: 3000 }, { downMs: 3700 }, { downMs: 4000, downtimeMs: 4000 }]);
  });

  test.each([LOCAL_CLOSED, DISCONNECTED])('from the last end, $type, and not an earlier one', (event) => {
    const ended = nextStep(held, { ...INPUTS.ended, event });
    const { history } = ended.state as { readonly history: PeerHistory };
    expect(eventsOf(history, failedAt(NOW + 50))).toMatchObject([{ downMs: 50 }]);
  });
});

describe('an established connection that ends', () => {
  const { held } = SITUATIONS.established;

  test('by our choice is followed by an attempt at once, and no downtime begins', () => {
    const history = { ...RECOVERED, waits: 0, downFrom: NOW };
    expect(nextStep(held, { ...INPUTS.ended, event: LOCAL_CLOSED })).toEqual(
      step(
        { name: 'closing', connectionId: ID, step: 'draining', history },
        { type: 'emit', event: LOCAL_CLOSED },
        reported('established', 'closing'),
        close(DRAIN_MS),
      ),
    );
  });

  test.each([
    { durationMs: 15_000, waits: 1, retryInMs: 500 },
    { durationMs: 14_999, waits: 4, retryInMs: 4000 },
  ])('after $durationMs ms: it starts the series over when it has lived', ({ durationMs, waits, retryInMs }) => {
    const { state, effects } = nextStep(held, { ...INPUTS.ended, event: { ...DISCONNECTED, durationMs } });
    expect(state).toMatchObject({ history: { waits } });
    expect(effects[0]).toMatchObject({ event: { retryInMs } });
    expect(effects).toContainEqual({ type: 'wait', until: NOW + retryInMs });
  });
});

describe('a connection that drains while its peer goes on', () => {
  const draining = [OLDER];
  const history = { ...TROUBLED, draining };
  const goingOn = [
    { name: 'backoff', history, waitsUntil: null },
    { name: 'handshaking', connectionId: ID, history, isOutdated: false },
    { name: 'established', connectionId: ID, history },
    { name: 'closing', connectionId: ID, step: 'draining', history },
  ] as const satisfies readonly ConnectionState[];
  const released = { ...INPUTS.drained, connectionId: OLDER };

  test.each(goingOn)('changes nothing else of a peer that is $name once its socket is released', (state) => {
    const after = nextStep(state, released);
    expect(after).toEqual(step({ ...state, history: TROUBLED }));
  });

  test.each(goingOn)('is waited for where the peer is $name and stops', (state) => {
    const stopped = nextStep(state, INPUTS.stop);
    expect(stopped.effects).toContainEqual({ type: 'close', connectionId: OLDER, drainMs: 300 });
    const ended = nextStep(stopped.state, INPUTS.ended); // of the established one
    const first = nextStep(ended.state, INPUTS.drained);
    expect(first.state).toEqual({ name: 'closing', step: 'drainingToStop', draining });
    expect(nextStep(first.state, released)).toEqual(
      step({ name: 'stopped' }, reported('closing', 'stopped'), { type: 'reportStopped' }),
    );
  });

  test('is forgotten where the stop waits for the end of another', () => {
    const { ending } = SITUATIONS.closing;
    expect(nextStep({ ...ending, draining }, released)).toEqual(step(ending));
  });

  test('drains shorter when the stop is asked for again', () => {
    const { ending } = SITUATIONS.closing;
    const { effects } = nextStep({ ...ending, draining }, INPUTS.stop);
    expect(effects).toEqual([{ type: 'close', connectionId: OLDER, drainMs: 300 }]);
  });
});

test('delays that start over make no wait longer', () => {
  const waiting = { ...SITUATIONS.backoff.waiting, waitsUntil: NOW + 400 };
  expect(nextStep(waiting, INPUTS.delayRestarted)).toEqual(
    step(
      { name: 'backoff', history: { ...TROUBLED, waits: 1 }, waitsUntil: NOW + 400 },
      { type: 'wait', until: NOW + 400 },
    ),
  );
});

describe('new settings', () => {
  const { waiting, queued } = SITUATIONS.backoff;
  const shorter = { ...INPUTS.reconfigured, reconnect: { initialMs: 1, maxMs: 1000 } };

  test('cut a running wait to the new longest one', () => {
    expect(nextStep(waiting, shorter)).toEqual(
      step({ name: 'backoff', history: TROUBLED, waitsUntil: NOW + 1000 }, { type: 'wait', until: NOW + 1000 }),
    );
  });

  test('leave a wait alone that is no longer than the new longest one', () => {
    const same = { ...INPUTS.reconfigured, reconnect: { initialMs: 1, maxMs: 5000 } };
    expect(nextStep(waiting, same).state).toBe(waiting);
  });

  test('do not send a peer that queues back to waiting', () => {
    expect(nextStep(queued, shorter).state).toBe(queued);
  });

  test.each([SITUATIONS.resolving.running, SITUATIONS.connecting.running, SITUATIONS.handshaking.running])(
    'that apply in place leave a peer that is $name alone',
    (state) => {
      const after = nextStep(state, { ...INPUTS.reconfigured, how: 'inPlace' });
      expect(after.state).toBe(state);
      expect(after.effects).toEqual([]);
    },
  );

  test('that apply in place are taken by the held connection', () => {
    const { held } = SITUATIONS.established;
    const after = nextStep(held, { ...INPUTS.reconfigured, how: 'inPlace' });
    expect(after).toEqual(step(held, { type: 'reconfigure', connectionId: ID }));
  });
});

test('asked to stop again with more time, the shorter drain counts', () => {
  const { ending } = SITUATIONS.closing;
  expect(nextStep(ending, { ...INPUTS.stop, drainMs: DRAIN_MS + 1 }).state).toEqual(ending);
});
