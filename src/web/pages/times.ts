import { timestamp } from '../../text/timestamp.ts';
import { html, type Html } from './html.ts';
import { fullTime } from './page-parts.ts';

/** A length of time in at most two units: `6 min 40 s`, `2 h 40 min`, `12 d 4 h`. The browser has this text, too: it uses nothing from outside. */
export function age(milliseconds: number): string {
  const SECOND = 1000;
  const MINUTE = 60 * SECOND;
  const HOUR = 60 * MINUTE;
  const DAY = 24 * HOUR;
  const whole = Math.max(0, milliseconds);
  const [large, small, names] =
    whole < MINUTE
      ? [SECOND, null, ['s', '']]
      : whole < HOUR
        ? [MINUTE, SECOND, ['min', 's']]
        : whole < DAY
          ? [HOUR, MINUTE, ['h', 'min']]
          : [DAY, HOUR, ['d', 'h']];
  const count = Math.floor(whole / large);
  const rest = small === null ? 0 : Math.floor((whole % large) / small);
  return rest === 0 ? `${count} ${names[0]}` : `${count} ${names[0]} ${rest} ${names[1]}`;
}

/** How long ago something was, with the instant as title. */
export function agoOf(at: number, now: number): Html {
  const instant = timestamp(at);
  return html`<time class="age" datetime="${instant}" title="${fullTime(at)}">${age(now - at)}</time>`;
}

/** How long until something is due, with the instant as title. */
export function dueOf(at: number, now: number): Html {
  return html`<time class="age due" datetime="${timestamp(at)}" title="${fullTime(at)}">${age(at - now)}</time>`;
}

/** `14:25:28`, in UTC. */
export function clockTime(at: number): string {
  return timestamp(at).slice(11, 19);
}
