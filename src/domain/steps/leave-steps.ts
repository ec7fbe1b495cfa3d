import type { Attempting, ConnectionState, PeerHistory, StateOf } from '../connection-state.ts';
import { explains, isHandedOver, lastWordsEnd, type Leaving, standingAnnouncement } from '../leaving.ts';
import type { ConnectionEffect, Step } from './connection-effect.ts';
import type { InputOf } from './connection-input.ts';
import { enter } from './enter.ts';

/**
 * The target is there, and this announcement stands, or none. With one a connection is held until it ends, and no attempt
 * begins; without one all is as ever, and a peer that was left alone is tried at once. News of an announcement explain an
 * end of just before.
 */
export function planned(state: ConnectionState, { announced, now, drainMs }: InputOf<'planned'>): Step {
  if (!('history' in state)) return { state, effects: [] };
  const { leaving, unexplained } = state.history;
  if (announced === null) return leaving === null ? { state, effects: [] } : goOn(state, leaving, now);
  const explained = explains(unexplained, now);
  if (leaving?.vanishedAt === null && leaving.announced === announced && !explained) return { state, effects: [] };
  const news: ConnectionEffect[] = explained ? [{ type: 'explain', end: unexplained, announced }] : [];
  if (leaving === null || standingAnnouncement(leaving) !== announced)
    news.push({ type: 'reportAnnouncement', announced, isNew: true, downMs: downMs(state.history, now) });
  const history: PeerHistory = {
    ...state.history,
    leaving: { announced, vanishedAt: null },
    unexplained: null,
    downSince: null,
  };
  const left = leave({ ...state, history }, drainMs);
  const wait: ConnectionEffect[] = leaving === null || leaving.vanishedAt === null ? [] : [{ type: 'cancelWait' }];
  return { state: left.state, effects: [...news, ...wait, ...left.effects] };
}

/** The announcement was withdrawn, or the target is back. */
function goOn(state: Extract<ConnectionState, { history: PeerHistory }>, leaving: Leaving, now: number): Step {
  const report: ConnectionEffect = { type: 'reportAnnouncement', announced: null, isNew: false, downMs: null };
  const { downFrom } = state.history;
  const history: PeerHistory = { ...state.history, leaving: null, downFrom: downFrom === null ? null : now };
  if (state.name === 'retired') {
    const queued = { name: 'backoff', history: { ...history, waits: 0 }, waitsUntil: null } as const;
    const next = enter(state, queued, { type: 'queueForConnectRate' });
    return { state: next.state, effects: [report, ...next.effects] };
  }
  const wait: ConnectionEffect[] = leaving.vanishedAt === null ? [] : [{ type: 'cancelWait' }];
  return { state: { ...state, history }, effects: [report, ...wait] };
}

/**
 * The target has gone from its source, or to another process: no attempt begins. A connection outlives it by `lingerMs`, and
 * is closed by us after that. Once nothing is held the peer is forgotten after its last words.
 */
export function vanished(state: ConnectionState, input: InputOf<'vanished'>): Step {
  if (!('history' in state)) return { state, effects: [] };
  const { lingerMs, reason, now, drainMs } = input;
  const before = state.history.leaving;
  if (before !== null && before.vanishedAt !== null) return { state, effects: [] };
  const leaving: Leaving = { announced: before?.announced ?? null, vanishedAt: now, goneAs: reason };
  const history: PeerHistory = { ...state.history, leaving, downSince: null };
  const news = newsOf(input, state);
  if (state.name === 'established') {
    const { connectionId } = state;
    const next: ConnectionEffect =
      lingerMs > 0 ? { type: 'wait', until: now + lingerMs } : { type: 'endConnection', connectionId, reason };
    return { state: { ...state, history }, effects: [...news, next] };
  }
  const left = leave({ ...state, history }, drainMs);
  const effects = [...left.effects, ...lastWords(left.state)];
  return { state: left.state, effects: reason === 'resharded' ? [...effects, ...news] : [...news, ...effects] };
}

/** A peer is handed over when nothing of it is open here any more: what is, is still this process's to report. */
function newsOf(
  { lingerMs, reason, now }: InputOf<'vanished'>,
  { name, history }: Extract<ConnectionState, { history: PeerHistory }>,
): readonly ConnectionEffect[] {
  if (reason === 'resharded') {
    if (name === 'established' || name === 'closing') return [];
    return [{ type: 'reportHandedOver', downMs: downMs(history, now) }];
  }
  if (history.leaving !== null) return [];
  return [{ type: 'reportAnnouncement', announced: 'removed', isNew: lingerMs > 0, downMs: downMs(history, now) }];
}

/**
 * News of a peer that another process holds: they explain an end of just before, and announce that of a connection which waits
 * for its turn to be closed. The other process counts the announcement.
 */
export function announcedElsewhere(state: ConnectionState, { announced, now }: InputOf<'announcedElsewhere'>): Step {
  if (!('history' in state) || !isHandedOver(state.history.leaving)) return { state, effects: [] };
  const { leaving, unexplained } = state.history;
  if (state.name === 'established') {
    if (leaving.announced === announced) return { state, effects: [] };
    const history: PeerHistory = { ...state.history, leaving: { ...leaving, announced } };
    const news: ConnectionEffect = { type: 'reportAnnouncement', announced, isNew: false, downMs: null };
    return { state: { ...state, history }, effects: [news] };
  }
  if (!explains(unexplained, now)) return { state, effects: [] };
  const history: PeerHistory = { ...state.history, unexplained: null };
  return { state: { ...state, history }, effects: [{ type: 'explain', end: unexplained, announced }] };
}

/** The wait of a peer whose target vanished is over: it lingers no longer, or its last words have been heard. */
export function vanishedWaitOver(state: StateOf<'established'> | StateOf<'retired'>): Step {
  const { leaving } = state.history;
  if (leaving === null || leaving.vanishedAt === null) return { state, effects: [] };
  if (state.name === 'retired') return enter(state, { name: 'stopped' }, { type: 'forget' });
  return { state, effects: [{ type: 'endConnection', connectionId: state.connectionId, reason: leaving.goneAs }] };
}

/** No connection follows, since the peer is to be connected no more. */
export function retire(from: ConnectionState, history: PeerHistory, ...effects: readonly ConnectionEffect[]): Step {
  const retired = { name: 'retired', history } as const;
  const news: ConnectionEffect[] = isHandedOver(history.leaving) ? [{ type: 'reportHandedOver', downMs: null }] : [];
  return enter(from, retired, ...effects, ...lastWords(retired), ...news);
}

function lastWords(state: ConnectionState): readonly ConnectionEffect[] {
  if (state.name !== 'retired') return [];
  const { leaving, downFrom } = state.history;
  if (leaving === null || leaving.vanishedAt === null) return [];
  return [{ type: 'wait', until: lastWordsEnd(leaving.vanishedAt, downFrom) }];
}

/** What is not held is given up. */
function leave(state: Extract<ConnectionState, { history: PeerHistory }>, drainMs: number): Step {
  switch (state.name) {
    case 'backoff':
      return enter(state, { name: 'retired', history: state.history }, { type: 'cancelWait' });
    case 'resolving':
    case 'connecting':
    case 'handshaking':
      return giveUp(state, drainMs);
    case 'established':
    case 'closing':
    case 'retired':
      return { state, effects: [] };
  }
}

function giveUp(state: Attempting, drainMs: number): Step {
  const { connectionId, history } = state;
  const draining = [...history.draining, connectionId];
  const retired = { name: 'retired', history: { ...history, draining } } as const;
  return enter(state, retired, { type: 'close', connectionId, drainMs });
}

/** Null: the peer is not down. */
function downMs({ downSince }: PeerHistory, now: number): number | null {
  return downSince === null ? null : now - downSince;
}
