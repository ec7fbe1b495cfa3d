import { CONNECT_FAILURE_REASONS, type ConnectFailure } from '../domain/connect-failure.ts';
import { DISCONNECT_REASONS, type Disconnect, LOCAL_CLOSE_REASONS } from '../domain/disconnect.ts';
import { GOODBYES, type SaidGoodbye } from '../domain/goodbye.ts';
import { ANNOUNCEMENTS } from '../settings/announcement.ts';
import { readableDuration } from '../text/figures.ts';
import type { LineFields } from '../text/line-format.ts';
import { closedStep, endedStep, explainedStep, failedStep, type ShownFailure, type Step } from './terminal-steps.ts';

/**
 * The step that an event of `GET /api/v1/events/stream` is, in the words that `watch` has for its own. What a daemon of another
 * release says beyond them is named as it was said: nothing of it is relied on.
 */
export function streamStep(fields: LineFields): Step {
  return (
    knownStep(fields) ?? {
      text: ['type', 'class', 'phase', 'reason'].flatMap(textsOf(fields)).join(' '),
      style: 'plain',
    }
  );
}

function knownStep(fields: LineFields): Step | null {
  switch (textOf(fields, 'type')) {
    case 'connected':
      return { text: `connected in ${readableDuration(lengthOf(fields, 'duration_s'))}`, style: 'good' };
    case 'connect_failed': {
      const failure = failureOf(fields);
      return failure && failedStep(failure);
    }
    case 'disconnected':
      return disconnectedStep(fields);
    case 'local_closed': {
      const reason = oneOf(LOCAL_CLOSE_REASONS, fields['reason']);
      return reason && closedStep({ durationMs: lengthOf(fields, 'duration_s'), reason });
    }
    case 'explained':
      return explanationStep(fields);
    case 'incident':
      return { text: `incident ${textOf(fields, 'incident')}: ${textOf(fields, 'sentence')}`, style: 'warning' };
    case 'observed_connected':
    case 'observed_ended':
      return observedStep(fields);
    default:
      return null;
  }
}

function disconnectedStep(fields: LineFields): Step | null {
  const disconnect = disconnectOf(fields);
  if (disconnect === null) return null;
  const announced = oneOf(ANNOUNCEMENTS, fields['announced']);
  const lengths = { durationMs: lengthOf(fields, 'duration_s'), idleMs: lengthOf(fields, 'idle_s') };
  const end = { ...disconnect, ...lengths, ...saidBy(fields), ...(announced !== null && { announced }) };
  return endedStep(end, textsOf(fields)('hint_detail')[0]);
}

/** What a connection of another process did: its owner's name is that owner's own word. */
function observedStep(fields: LineFields): Step {
  const { pid, duration_s: duration } = fields;
  const [executable = 'a process'] = textsOf(fields)('executable');
  const owner = typeof pid === 'number' ? `${executable} (pid ${pid})` : executable;
  if (fields['type'] === 'observed_connected') return { text: `${owner} has a connection`, style: 'muted' };
  const [end, errno] = [['class', 'reason'].map((key) => textOf(fields, key)).join('/'), textOf(fields, 'errno')];
  const after = typeof duration === 'number' ? ` after ${readableDuration(duration * 1000)}` : '';
  const text = `the connection of ${owner} ended${after}: ${end}${errno === '' ? '' : `, ${errno}`}`;
  return { text, style: fields['class'] === 'error' ? 'bad' : 'muted' };
}

function explanationStep(fields: LineFields): Step | null {
  const disconnect = disconnectOf(fields);
  if (disconnect === null) return null;
  if (fields['by'] === 'incident')
    return explainedStep({ ...disconnect, by: 'incident', incident: textOf(fields, 'incident') });
  const announced = oneOf(ANNOUNCEMENTS, fields['announced']);
  return announced && explainedStep({ ...disconnect, by: 'announced', announced });
}

/** The failed attempt that an event of the stream is; null: it is none that this release knows. */
export function failureOf(fields: LineFields): ShownFailure | null {
  if (fields['type'] !== 'connect_failed') return null;
  const { phase, reason } = fields;
  const reasons = typeof phase === 'string' ? ownList(CONNECT_FAILURE_REASONS, phase) : [];
  if (oneOf(reasons, reason) === null) return null;
  const [detail] = textsOf(fields)('detail');
  return {
    ...({ phase, reason } as ConnectFailure),
    timings: { totalMs: lengthOf(fields, 'duration_s') },
    ...saidBy(fields),
    ...(detail !== undefined && { detail }),
  };
}

/** How an event of the stream says that a connection ended; null: in no words that this release knows. */
export function disconnectOf({ class: endClass, reason }: LineFields): Disconnect | null {
  const reasons = typeof endClass === 'string' ? ownList(DISCONNECT_REASONS, endClass) : [];
  return oneOf(reasons, reason) === null ? null : ({ class: endClass, reason } as Disconnect);
}

function saidBy(fields: LineFields): Partial<SaidGoodbye> & { readonly errno?: string } {
  const goodbye = oneOf(GOODBYES, fields['goodbye']);
  const [errno] = textsOf(fields)('errno');
  const [goodbyeCode] = textsOf(fields)('goodbye_code');
  return {
    ...(errno !== undefined && { errno }),
    ...(goodbye !== null && { goodbye }),
    ...(goodbyeCode !== undefined && { goodbyeCode }),
  };
}

function ownList(table: Readonly<Record<string, readonly string[]>>, key: string): readonly string[] {
  return (Object.hasOwn(table, key) ? table[key] : undefined) ?? [];
}

function oneOf<T extends string>(words: readonly T[], word: unknown): T | null {
  return words.find((each) => each === word) ?? null;
}

/** Seconds as milliseconds. */
function lengthOf(fields: LineFields, key: string): number {
  const seconds = fields[key];
  return typeof seconds === 'number' ? seconds * 1000 : 0;
}

function textOf(fields: LineFields, key: string): string {
  return textsOf(fields)(key)[0] ?? '';
}

function textsOf(fields: LineFields): (key: string) => readonly string[] {
  return (key) => {
    const value = fields[key];
    return typeof value === 'string' ? [value] : [];
  };
}
