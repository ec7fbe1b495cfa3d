import type { Sample } from './daemon.ts';
import type { Played } from './play.ts';
import type { ServerRow } from './server-row.ts';

/** What a row comes to, from the event and from `/metrics`: made once from the outcome it states, once from what was seen. */
export type RowVerdict = {
  /** `held`, `nothing: ...`, or class and reason, or phase and reason. */
  readonly saw: string;
  readonly idle: string;
  /** Every reason of the group, of disconnects and of connect failures, that was counted at all. */
  readonly counted: readonly string[];
  /** Every goodbye of the group that was counted at all, behind when it was said. */
  readonly goodbyes: readonly string[];
  readonly up: number | undefined;
  /** Whether a round trip was told, in rows whose heartbeat is answered again and again. */
  readonly roundTrip: 'told' | 'not told' | 'not asked';
};

const IN_TIME = 'in time';

export function statedVerdict(row: ServerRow): RowVerdict {
  const { outcome } = row;
  const roundTrip = answersAgain(row) ? 'told' : 'not asked';
  if (outcome.kind === 'held') return { saw: 'held', idle: IN_TIME, counted: [], goodbyes: [], up: 1, roundTrip };
  const saw = outcome.kind === 'refused' ? `${outcome.phase}/${outcome.reason}` : `${outcome.class}/${outcome.reason}`;
  const when = outcome.kind === 'refused' ? 'connect' : 'held';
  const goodbyes = outcome.goodbye === undefined ? [] : [`${when}/${outcome.goodbye}`];
  return { saw: withGoodbye(saw, outcome), idle: IN_TIME, counted: [saw], goodbyes, up: 0, roundTrip };
}

export function seenVerdict(row: ServerRow, played: Played, samples: readonly Sample[]): RowVerdict {
  const own = samples.filter(({ labels }) => labels['group'] === row.group);
  const counted = own
    .filter(({ name, labels, value }) => name.endsWith('_by_reason_total') && labels['peer'] === undefined && value > 0)
    .map(({ labels }) => `${labels['class'] ?? labels['phase']}/${labels['reason']}`);
  const goodbyes = own
    .filter(({ name, value }) => name === 'finrst_goodbyes_total' && value > 0)
    .map(({ labels }) => `${labels['when']}/${labels['goodbye']}`);
  const up = own.find(({ name }) => name === 'finrst_peer_up')?.value;
  const told = own.some(({ name, value }) => name === 'finrst_heartbeat_rtt_seconds' && value > 0);
  const roundTrip = answersAgain(row) ? (told ? 'told' : 'not told') : 'not asked';
  return { saw: saw(played), idle: idle(row, played), counted, goodbyes, up, roundTrip };
}

/** One answer alone may fall into a stall of the daemon, and is not told then; ten do not. */
function answersAgain({ outcome, settings }: ServerRow): boolean {
  const { heartbeat } = settings as { readonly heartbeat?: { readonly expect?: string; readonly interval: string } };
  return outcome.kind === 'held' && heartbeat?.expect !== undefined && heartbeat.interval !== '1h';
}

function withGoodbye(cause: string, { goodbye }: { readonly goodbye?: string }): string {
  return goodbye === undefined ? cause : `${cause}, said ${goodbye}`;
}

function saw(played: Played): string {
  switch (played.kind) {
    case 'ended':
      return withGoodbye(`${played.event.class}/${played.event.reason}`, played.event);
    case 'refused':
      return withGoodbye(`${played.event.phase}/${played.event.reason}`, played.event);
    case 'held':
      return 'held';
    case 'nothing':
      return `nothing: no ${played.waitedFor}`;
  }
}

function idle({ outcome }: ServerRow, played: Played): string {
  if (outcome.kind !== 'ended' || played.kind !== 'ended') return IN_TIME;
  const [least, most] = outcome.idleSeconds;
  const seconds = played.event.idle_s ?? Number.NaN;
  return seconds >= least && seconds <= most ? IN_TIME : `${seconds} s, not ${least} to ${most} s`;
}
