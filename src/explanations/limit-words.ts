import type { Limit, LimitRange } from '../domain/find-limit.ts';
import { readableDuration } from '../text/figures.ts';
import { knownLimitsNear } from './known-limits.ts';

/** A conclusion from the figures, as a sentence without a full stop. It says no more than `findLimit` found. */
export function limitWords(limit: Limit): string {
  switch (limit.kind) {
    case 'silence':
      return `${times(limit)} after ${range(limit.silence)} of silence${A_TIMER}: an idle limit${suspects(limit.silence)}`;
    case 'age':
      return `${times(limit)} ${range(limit.age)} after it was established, whatever was sent${A_TIMER}: a greatest age, or a deadline (for a login, say)${suspects(limit.age)}`;
    case 'silenceOrAge':
      return `${times(limit)} ${wholeLife(limit)}${A_TIMER}: an idle limit, or a greatest age (a heartbeat that is shorter tells which)${suspects(limit.silence)}`;
    case 'silenceAtMost':
      return `${limit.ends} of ${limit.of} times a packet of ours found the path dead, after ${readableDuration(limit.atMostMs)} of silence or more, and no such silence was survived: something on the path forgets within that time; a shorter keepalive or a heartbeat keeps it awake`;
  }
}

const A_TIMER = ': a timer, not an accident';

function times({ ends, of }: Limit): string {
  return ends === of ? 'each time' : `${ends} of ${of} times, and never later,`;
}

function wholeLife({ silence, age }: Extract<Limit, { readonly kind: 'silenceOrAge' }>): string {
  const [quiet, lived] = [range(silence), range(age)];
  return quiet === lived ? `after ${quiet} of silence, its whole life` : `after ${quiet} of silence, ${lived} old`;
}

function range({ leastMs, mostMs }: LimitRange): string {
  const [least, most] = [readableDuration(leastMs), readableDuration(mostMs)];
  return least === most ? least : `${least} to ${most}`;
}

function suspects({ leastMs, mostMs }: LimitRange): string {
  const known = knownLimitsNear((leastMs + mostMs) / 2);
  const names = known.map(({ seconds, who }) => `${seconds} s is known of ${who.replaceAll('`', '')}`);
  return names.length === 0
    ? '; no known limit has this value (finrst explain idle_limits lists them)'
    : `; ${names.join('; ')}`;
}
