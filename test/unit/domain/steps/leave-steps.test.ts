import { describe, expect, test } from 'vitest';
import type { ConnectionState, PeerHistory } from '../../../../src/domain/connection-state.ts';
import type { UnexplainedEnd } from '../../../../src/domain/leaving.ts';
import type { ConnectionEffect, Step } from '../../../../src/domain/steps/connection-effect.ts';
import type { ConnectionInput } from '../../../../src/domain/steps/connection-input.ts';
import { nextStep } from '../../../../src/domain/steps/next-step.ts';
import {
  ANNOUNCED,
  DISCONNECTED,
  DRAIN_MS,
  ID,
  INPUTS,
  LOCAL_CLOSED,
  NOW,
  RECOVERED,
  SITUATIONS,
  TROUBLED,
  VANISHED,
  VANISHED_AT,
} from './inputs.ts';

const { held, announced, lingering } = SITUATIONS.established;
const { retired } = SITUATIONS;
const withdrawn: ConnectionInput = { ...INPUTS.planned, announced: null };
const typesOf = ({ effects }: Step): string[] => effects.map(({ type }) => type);
const run = (state: ConnectionState, ...inputs: readonly ConnectionInput[]): Step =>
  inputs.reduce<Step>(
    (sum, input) => {
      const next = nextStep(sum.state, input);
      return { state: next.state, effects: [...sum.effects, ...next.effects] };
    },
    { state, effects: [] },
  );
const historyOf = (state: ConnectionState): PeerHistory => {
  if (!('history' in state)) throw new Error(`${state.name} has no history`);
  return state.history;
};

const withdrawnNews: ConnectionEffect = {
  type: 'reportAnnouncement',
  announced: null,
  isNew: false,
  downMs: null,
};

describe('an announcement that is withdrawn, or a target that is back,', () => {
  test.each([
    { what: 'announced', state: retired.announced },
    { what: 'vanished', state: retired.vanished },
  ])('lets a retired peer that was $what be tried at once, with the first delay before it', ({ state }) => {
    expect(nextStep(state, withdrawn)).toEqual({
      state: {
        name: 'backoff',
        waitsUntil: null,
        history: { ...TROUBLED, downSince: null, waits: 0, downFrom: NOW },
      },
      effects: [
        withdrawnNews,
        { type: 'reportState', from: 'retired', state: 'backoff' },
        { type: 'queueForConnectRate' },
      ],
    });
  });

  test('leaves a held connection alone: nothing has happened, and no wait goes on', () => {
    expect(nextStep(announced, withdrawn)).toEqual({
      state: { ...held, history: { ...RECOVERED, waits: TROUBLED.waits, failuresInARow: 3, downFrom: NOW } },
      effects: [withdrawnNews],
    });
    expect(nextStep(lingering, withdrawn).effects).toEqual([withdrawnNews, { type: 'cancelWait' }]);
  });

  test('lets the connection that drains be followed by another', () => {
    const { state, effects } = nextStep(SITUATIONS.closing.drainingToRetire, withdrawn);
    expect(effects).toEqual([withdrawnNews, { type: 'cancelWait' }]);
    expect(nextStep(state, INPUTS.drained)).toMatchObject({ state: { name: 'backoff', waitsUntil: null } });
  });

  test('of a peer that was never connected does not make it one that was', () => {
    const never = { ...ANNOUNCED, downFrom: null };
    expect(historyOf(nextStep({ ...retired.announced, history: never }, withdrawn).state).downFrom).toBeNull();
  });

  test('is nothing where none stood', () => {
    for (const state of [held, SITUATIONS.backoff.waiting, SITUATIONS.resolving.running]) {
      const after = nextStep(state, withdrawn);
      expect(after.state).toBe(state);
      expect(after.effects).toEqual([]);
    }
  });
});

describe('time without a connection', () => {
  const failed: ConnectionInput = { ...INPUTS.attemptFailed, now: NOW + 700 };

  test('before the announcement counts, and is over with it', () => {
    const { state, effects } = nextStep(SITUATIONS.backoff.waiting, INPUTS.planned);
    expect(effects[0]).toMatchObject({ downMs: NOW - (TROUBLED.downSince ?? 0) });
    expect(historyOf(state).downSince).toBeNull();
  });

  test('while it stands is no outage; a failure after it counts from its withdrawal', () => {
    const { history } = nextStep(retired.announced, withdrawn).state as { readonly history: PeerHistory };
    const tried = nextStep({ ...SITUATIONS.handshaking.running, history }, failed);
    expect(tried.effects[0]).toMatchObject({ event: { downMs: 700 } });
    const connected = nextStep({ ...SITUATIONS.handshaking.running, history }, INPUTS.established);
    expect(connected.effects[1]).not.toHaveProperty('event.downMs');
    expect(connected.effects[1]).not.toHaveProperty('event.downtimeMs');
  });

  test('of a target that vanished and of one that another process holds is over, too', () => {
    const { waiting } = SITUATIONS.backoff;
    expect(nextStep(waiting, INPUTS.vanished).effects[0]).toMatchObject({ type: 'reportAnnouncement', downMs: 6000 });
    const resharded = nextStep(waiting, { ...INPUTS.vanished, reason: 'resharded', lingerMs: 0 });
    // Last, so that whoever counts peers by state counts this one no more.
    expect(resharded.effects.at(-1)).toEqual({ type: 'reportHandedOver', downMs: 6000 });
    expect(historyOf(resharded.state).downSince).toBeNull();
  });
});

describe('an announced end', () => {
  test('is followed by no attempt, be it our own choice', () => {
    const closed = nextStep(announced, { ...INPUTS.ended, event: LOCAL_CLOSED });
    expect(closed.effects[0]).toEqual({ type: 'emit', event: LOCAL_CLOSED });
    expect(nextStep(closed.state, INPUTS.drained)).toMatchObject({ state: { name: 'retired' } });
  });

  test('has no next attempt in its event', () => {
    expect(nextStep(announced, INPUTS.ended).effects[0]).not.toHaveProperty('event.retryInMs');
  });

  test('says what had been announced, also where the target vanished after that', () => {
    const gone = nextStep(announced, INPUTS.vanished).state;
    expect(nextStep(gone, INPUTS.ended).effects[0]).toMatchObject({ event: { announced: 'terminating' } });
  });

  test('is waited out by a stop, which tells no wait to go on', () => {
    expect(typesOf(nextStep(lingering, INPUTS.stop))).toContain('cancelWait');
  });

  test.each([
    { when: 'a millisecond before', now: VANISHED_AT - 1, word: undefined },
    { when: 'as', now: VANISHED_AT, word: 'removed' },
    { when: 'after', now: VANISHED_AT + 1, word: 'removed' },
  ])('that came $when the target vanished', ({ now, word }) => {
    const { state, effects } = nextStep(lingering, { ...INPUTS.ended, now });
    const [emitted] = effects;
    expect(emitted?.type === 'emit' && 'announced' in emitted.event ? emitted.event.announced : undefined).toBe(word);
    expect(state.name).toBe('retired');
    expect(historyOf(state)).toMatchObject({ downSince: null });
    expect(historyOf(state).unexplained === null).toBe(word !== undefined);
  });
});

describe('news explain an end', () => {
  const END: UnexplainedEnd = { class: 'error', reason: 'reset', connectionId: 'lost', endedAt: NOW };
  const after = (
    ms: number,
    announcement: 'terminating' | 'removed' | 'requested' = 'terminating',
  ): ConnectionInput => ({
    ...INPUTS.planned,
    announced: announcement,
    now: NOW + ms,
  });
  const lostIn = (state: Extract<ConnectionState, { history: PeerHistory }>): ConnectionState => ({
    ...state,
    history: { ...state.history, unexplained: END },
  });
  const explainedIn = ({ effects }: Step) => effects.filter(({ type }) => type === 'explain');

  test.each([
    { ms: 0, is: true },
    { ms: 9999, is: true },
    { ms: 10_000, is: true },
    { ms: 10_001, is: false },
  ])('that came $ms ms before: $is', ({ ms, is }) => {
    for (const state of [SITUATIONS.backoff.waiting, SITUATIONS.connecting.running, held, retired.vanished]) {
      const news = nextStep(lostIn(state), after(ms));
      expect(explainedIn(news)).toEqual(is ? [{ type: 'explain', end: END, announced: 'terminating' }] : []);
    }
  });

  test('whatever the word, and a pod that was deleted, too', () => {
    expect(explainedIn(nextStep(lostIn(held), after(1, 'removed')))).toMatchObject([{ announced: 'removed' }]);
    expect(explainedIn(nextStep(lostIn(held), after(1, 'requested')))).toMatchObject([{ announced: 'requested' }]);
  });

  test('once: the next news and the same again explain nothing', () => {
    const { effects } = run(
      lostIn(SITUATIONS.backoff.waiting),
      after(1),
      after(1),
      after(2, 'requested'),
      withdrawn,
      after(3),
    );
    expect(effects.filter(({ type }) => type === 'explain')).toHaveLength(1);
  });

  test('of two ends the last one alone', () => {
    const second = nextStep(lostIn(held), { ...INPUTS.ended, event: DISCONNECTED, now: NOW + 500 });
    expect(explainedIn(nextStep(second.state, after(600)))).toMatchObject([
      { end: { connectionId: ID, class: 'eof' } },
    ]);
  });

  test('but a target that merely vanished explains nothing', () => {
    expect(explainedIn(nextStep(lostIn(SITUATIONS.backoff.waiting), INPUTS.vanished))).toEqual([]);
    expect(explainedIn(nextStep(lostIn(held), INPUTS.vanished))).toEqual([]);
  });

  test('also after it vanished, and no end that had been announced', () => {
    const vanished = nextStep(lostIn(SITUATIONS.backoff.waiting), INPUTS.vanished);
    expect(explainedIn(nextStep(vanished.state, after(5)))).toHaveLength(1);
    const ended = nextStep(announced, INPUTS.ended);
    expect(explainedIn(nextStep(ended.state, after(1, 'requested')))).toEqual([]);
  });

  test('and stop the wait for the next attempt', () => {
    expect(typesOf(nextStep(lostIn(SITUATIONS.backoff.waiting), after(1)))).toEqual([
      'explain',
      'reportAnnouncement',
      'reportState',
      'cancelWait',
    ]);
  });

  test('the word that stood is replaced by another, which is news', () => {
    expect(nextStep(retired.announced, after(1, 'requested')).effects).toEqual([
      { type: 'reportAnnouncement', announced: 'requested', isNew: true, downMs: null },
    ]);
  });

  test('a target that is back and announced as removed is no news after it had vanished', () => {
    const { state, effects } = nextStep(retired.vanished, after(1, 'removed'));
    expect(effects).toEqual([{ type: 'cancelWait' }]);
    expect(historyOf(state).leaving).toEqual({ announced: 'removed', vanishedAt: null });
  });
});

describe('a target that vanishes', () => {
  const atOnce: ConnectionInput = { ...INPUTS.vanished, lingerMs: 0 };

  test.each(['removed', 'resharded'] as const)('without linger closes the connection as %s at once', (reason) => {
    const { state, effects } = nextStep(held, { ...INPUTS.vanished, lingerMs: 0, reason });
    expect(effects.at(-1)).toEqual({ type: 'endConnection', connectionId: ID, reason });
    expect(typesOf({ state, effects })).not.toContain('wait');
    const closed = nextStep(state, { ...INPUTS.ended, event: { ...LOCAL_CLOSED, reason } });
    expect(nextStep(closed.state, INPUTS.drained)).toEqual({
      state: { name: 'retired', history: { ...historyOf(closed.state) } },
      effects: [
        { type: 'reportState', from: 'closing', state: 'retired' },
        { type: 'wait', until: NOW + 120_000 },
        ...(reason === 'resharded' ? [{ type: 'reportHandedOver', downMs: null }] : []),
      ],
    });
  });

  test('without linger is announced by nobody, and with one it is', () => {
    expect(nextStep(held, atOnce).effects[0]).toMatchObject({ announced: 'removed', isNew: false });
    expect(nextStep(held, INPUTS.vanished).effects[0]).toMatchObject({ announced: 'removed', isNew: true });
  });

  test('twice has vanished once', () => {
    for (const state of [lingering, retired.vanished, SITUATIONS.closing.drainingToRetire]) {
      expect(nextStep(state, INPUTS.vanished).state).toBe(state);
      expect(nextStep(state, { ...INPUTS.vanished, reason: 'resharded' }).effects).toEqual([]);
    }
  });

  test('has its last words for two minutes after its end, where that came later', () => {
    const late = nextStep(lingering, { ...INPUTS.ended, now: NOW + 29_000 });
    expect(late.effects.at(-1)).toEqual({ type: 'wait', until: NOW + 29_000 + 120_000 });
    const never = { ...SITUATIONS.backoff.queued, history: { ...TROUBLED, downFrom: null } };
    expect(nextStep(never, INPUTS.vanished).effects.at(-1)).toEqual({ type: 'wait', until: NOW + 120_000 });
  });

  test('is not forgotten while an announcement alone stands', () => {
    const after = nextStep(retired.announced, INPUTS.waitOver);
    expect(after.state).toBe(retired.announced);
    expect(after.effects).toEqual([]);
  });
});

describe('another address', () => {
  const moved: ConnectionInput = { ...INPUTS.reconfigured, how: 'inPlace', hasMoved: true };

  test.each([held, SITUATIONS.resolving.running, SITUATIONS.connecting.running, SITUATIONS.handshaking.running])(
    'leaves what is $name alone',
    (state) => {
      const after = nextStep(state, moved);
      expect(after.state).toEqual({ ...state, history: { ...state.history, hasMoved: true } });
      expect(typesOf(after)).toEqual(state.name === 'established' ? ['reconfigure'] : []);
    },
  );

  test('is used at once after the end of the connection to the one before, and the series of waits starts over', () => {
    const { state, effects } = run(held, moved, INPUTS.ended);
    expect(state).toMatchObject({ name: 'backoff', waitsUntil: null, history: { waits: 0 } });
    expect(effects).toContainEqual({ type: 'emit', event: { ...DISCONNECTED, retryInMs: 0 } });
    expect(effects).toContainEqual({ type: 'queueForConnectRate' });
  });

  test('is used at once after an attempt to the one before failed', () => {
    const { state, effects } = run(SITUATIONS.connecting.running, moved, INPUTS.attemptFailed);
    expect(state).toMatchObject({ name: 'backoff', waitsUntil: null, history: { waits: 0, failuresInARow: 4 } });
    expect(effects[0]).toMatchObject({ event: { retryInMs: 0 } });
  });

  test('ends a wait, and changes nothing about the place of a peer that queues', () => {
    const history = { ...TROUBLED, waits: 0 };
    expect(nextStep(SITUATIONS.backoff.waiting, moved)).toEqual({
      state: { name: 'backoff', history, waitsUntil: null },
      effects: [{ type: 'queueForConnectRate' }],
    });
    expect(nextStep(SITUATIONS.backoff.queued, moved)).toEqual({
      state: { name: 'backoff', history, waitsUntil: null },
      effects: [],
    });
  });

  test('is known to the next attempt: its own failure waits as ever', () => {
    const { state } = run(held, moved, INPUTS.ended, { ...INPUTS.attemptDue, connectionId: 'next' });
    expect(historyOf(state).hasMoved).toBe(false);
    const failed = nextStep(state, { ...INPUTS.attemptFailed, connectionId: 'next' });
    expect(failed.effects[0]).toMatchObject({ event: { retryInMs: 500 } });
  });

  test('with settings that need another socket closes the connection all the same', () => {
    const { state, effects } = nextStep(held, { ...moved, how: 'reconnect' });
    expect(effects).toEqual([{ type: 'endConnection', connectionId: ID, reason: 'reconfigured' }]);
    expect(historyOf(state).hasMoved).toBe(true);
  });

  test('makes no attempt of a retired peer', () => {
    expect(nextStep(retired.announced, moved).state).toBe(retired.announced);
    expect(nextStep(retired.announced, INPUTS.delayRestarted).state).toBe(retired.announced);
  });
});

test('an announcement of a target that lingers lets it be held on, without an end', () => {
  const { state, effects } = nextStep(lingering, INPUTS.planned);
  expect(typesOf({ state, effects })).toEqual(['reportAnnouncement', 'cancelWait']);
  expect(nextStep(state, INPUTS.waitOver).state).toBe(state);
});

test('what drains of a retired peer is only forgotten', () => {
  const draining = { ...retired.vanished, history: { ...VANISHED, draining: [ID] } };
  expect(nextStep(draining, INPUTS.drained)).toEqual({ state: retired.vanished, effects: [] });
  expect(nextStep(draining, INPUTS.stop).effects).toContainEqual({ type: 'close', connectionId: ID, drainMs: 300 });
  expect(DRAIN_MS).toBeGreaterThan(300);
});

describe('a peer that another process holds from now on', () => {
  const handOver: ConnectionInput = { ...INPUTS.vanished, reason: 'resharded', lingerMs: 20_000 };
  const waiting = nextStep(held, handOver).state;

  test('is held on until its turn to be closed comes, and is still reported by this process', () => {
    expect(nextStep(held, handOver)).toEqual({
      state: { ...held, history: historyOf(waiting) },
      effects: [{ type: 'wait', until: NOW + 20_000 }],
    });
    expect(nextStep(waiting, INPUTS.waitOver).effects).toEqual([
      { type: 'endConnection', connectionId: ID, reason: 'resharded' },
    ]);
  });

  test('and that ends before its turn has an end of its own that nothing announced, which news may still explain', () => {
    const lost = nextStep(waiting, INPUTS.ended);
    expect(lost.effects[0]).not.toHaveProperty('event.announced');
    expect(lost.effects.at(-1)).toEqual({ type: 'reportHandedOver', downMs: null });
    const explained = nextStep(lost.state, { ...INPUTS.announcedElsewhere, now: NOW + 10_000 });
    expect(explained.effects).toMatchObject([{ type: 'explain', announced: 'terminating', end: { connectionId: ID } }]);
    expect(explained.state).toMatchObject({ name: 'retired', history: { leaving: { goneAs: 'resharded' } } });
    // Once, and not after 10 s.
    expect(nextStep(explained.state, INPUTS.announcedElsewhere).effects).toEqual([]);
    expect(nextStep(lost.state, { ...INPUTS.announcedElsewhere, now: NOW + 10_001 }).effects).toEqual([]);
  });

  test('and is announced to end there before its turn comes has an end that was announced', () => {
    const { state, effects } = nextStep(waiting, INPUTS.announcedElsewhere);
    // The other process counts it.
    expect(effects).toEqual([{ type: 'reportAnnouncement', announced: 'terminating', isNew: false, downMs: null }]);
    expect(nextStep(state, INPUTS.announcedElsewhere).effects).toEqual([]);
    expect(nextStep(state, INPUTS.ended).effects[0]).toMatchObject({ event: { announced: 'terminating' } });
  });

  test('keeps an announcement that was made before', () => {
    const { state } = nextStep(announced, handOver);
    expect(nextStep(state, INPUTS.ended).effects[0]).toMatchObject({ event: { announced: 'terminating' } });
  });

  test('and that comes back before its turn is held on as if nothing had been', () => {
    const back = nextStep(waiting, { ...INPUTS.planned, announced: null });
    expect(back.state).toMatchObject({ name: 'established', history: { leaving: null } });
    expect(typesOf(back)).toContain('cancelWait');
  });

  test('is handed over once, after a connection that is being replaced has drained', () => {
    const { draining } = SITUATIONS.closing;
    const leaving = nextStep(draining, handOver);
    expect(typesOf(leaving)).not.toContain('reportHandedOver');
    const over = nextStep(leaving.state, INPUTS.drained);
    expect(over.state.name).toBe('retired');
    expect(typesOf(over).filter((type) => type === 'reportHandedOver')).toHaveLength(1);
  });

  test('has no announcement that stands: one that comes back with one has news', () => {
    const { state } = nextStep(SITUATIONS.backoff.waiting, handOver);
    expect(nextStep(state, { ...INPUTS.planned, announced: 'removed' }).effects).toContainEqual(
      expect.objectContaining({ type: 'reportAnnouncement', announced: 'removed', isNew: true }),
    );
  });
});
