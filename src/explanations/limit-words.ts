import type { Limit, LimitRange } from '../domain/limit.ts';
import { readableDuration } from '../text/figures.ts';
import { type KnownLimit, knownLimitsNear, knownLimitsWithin } from './known-limits.ts';

/** A conclusion from the figures, as a sentence without a full stop. It says no more than `findLimit` found. */
export function limitWords(limit: Limit): string {
  switch (limit.kind) {
    case 'silence':
      return `${times(limit)} ${silence(limit)}${A_TIMER}: ${counted(limit)}${suspects(limit.payload ?? limit.packets)}`;
    case 'age':
      return `${times(limit)} ${range(limit.age)} after it was established, whatever was sent${A_TIMER}: a greatest age, or a deadline (for a login, say)${suspects(limit.age)}`;
    case 'silenceAtMost':
      return `${limit.ends} of ${limit.of} times a packet of ours found the path dead, after ${readableDuration(limit.atMostMs)} of silence or more, and no such silence was survived${survived(limit)}: something on the path forgets within that time; a shorter keepalive or a heartbeat keeps it awake${within(limit)}`;
  }
}

type SilenceLimit = Extract<Limit, { readonly kind: 'silence' }>;
type Bracket = Extract<Limit, { readonly kind: 'silenceAtMost' }>;

const A_TIMER = ': a timer, not an accident';
/** That less was survived tells nobody anything: each answer follows its question by a round trip. */
const LEAST_TOLD_MS = 1000;
/** Of a wider bracket a value in it is no suspect. */
const NARROW = 0.75;

function times({ ends, of }: Limit): string {
  return ends === of ? 'each time' : `${ends} of ${of} times, and never later,`;
}

/** Where packets and payload were silent as long, one figure says both. */
function silence({ packets, payload, age }: SilenceLimit): string {
  const [ofPackets, ofPayload, lived] = [packets, payload, age].map((each) => each && range(each));
  const quiet = ofPayload ?? ofPackets;
  const what = ofPackets === null ? ' without payload' : ofPayload === null ? ' without a packet' : ' of silence';
  const differs = ofPackets !== null && ofPayload !== null && ofPackets !== ofPayload;
  const text = differs
    ? `after ${ofPackets} without a packet and ${ofPayload} without payload`
    : `after ${quiet}${what}`;
  if (lived === null) return text;
  return lived === quiet ? `${text}, its whole life` : `${text}, ${lived} old`;
}

function counted({ packets, payload, age }: SilenceLimit): string {
  const which = packets === null ? COUNTS_PAYLOAD : payload === null ? COUNTS_PACKETS : '';
  const orAge = age === null ? '' : ', or a greatest age (a heartbeat that is shorter tells which)';
  return `an idle limit${which}${orAge}`;
}

const COUNTS_PAYLOAD =
  ' that counts payload alone, so keepalive does not help against it, and a shorter heartbeat does';
const COUNTS_PACKETS = ' that counts packets, so a shorter keepalive helps against it';

function range({ leastMs, mostMs }: LimitRange): string {
  const [least, most] = [readableDuration(leastMs), readableDuration(mostMs)];
  return least === most ? least : `${least} to ${most}`;
}

function suspects(lengths: LimitRange | null): string {
  const known = lengths === null ? [] : knownLimitsNear((lengths.leastMs + lengths.mostMs) / 2);
  if (known.length === 0) return '; no known limit has this value (finrst explain idle_limits lists them)';
  return `; ${names(known)}`;
}

function survived({ survivedMs }: Bracket): string {
  return survivedMs < LEAST_TOLD_MS ? '' : ` (${readableDuration(survivedMs)} was)`;
}

function within({ survivedMs, atMostMs }: Bracket): string {
  const known = survivedMs < NARROW * atMostMs ? [] : knownLimitsWithin(survivedMs, atMostMs);
  return known.length === 0 ? '' : `; ${names(known)}`;
}

function names(known: readonly KnownLimit[]): string {
  return known.map(({ seconds, who }) => `${seconds} s is known of ${who.replaceAll('`', '')}`).join('; ');
}
