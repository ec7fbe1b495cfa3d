import type { HealthReading } from '../../sinks/status/own-health.ts';
import { readableDuration } from '../../text/figures.ts';
import { html, type Html, type HtmlValue } from './html.ts';
import { counted, figure, fullTime } from './page-parts.ts';

/** A pause of our own from here on can have been what a peer took for silence, and delays what is measured. */
const LONG_STALL_MS = 250;

type Item = {
  readonly name: string;
  readonly value: HtmlValue;
  readonly title: string;
  readonly isBad: boolean;
};

/** How this process does, for the bar: quiet while it is fine, and what is not stays where there is little room, too. */
export function healthItems(health: HealthReading, prefix: string): Html {
  const items = itemsOf(health, prefix);
  const bad = items.filter(({ isBad }) => isBad).length;
  return html`${bad === 0 && html`<li class="phone">this process <b>healthy</b></li>`}
  ${items.map(
    ({ name, value, title, isBad }) =>
      html`<li title="${title}" class="${isBad ? 'bad' : ''}">${name} <b>${value}</b></li> `,
  )}`;
}

/** What the headline has to begin with, since it may be our own fault; null: nothing. */
export function ownFault({ stallMs, hostDrops }: HealthReading): string | null {
  if (hostDrops > 0)
    return `This host dropped ${counted(hostDrops, 'packet')} in the last hour: what follows may be its fault`;
  if (stallMs < LONG_STALL_MS) return null;
  return `This process was held up for ${readableDuration(stallMs)} in the last hour: what follows may be its fault`;
}

function itemsOf(health: HealthReading, prefix: string): readonly Item[] {
  const { stallMs, kernelEvidence, hostDrops, spans, configSha256, configLoadedAt, isConfigRefused } = health;
  const { exported, failed, dropped, suppressed } = spans;
  const lost = failed + dropped;
  const made = exported + lost + suppressed;
  const items: readonly (Item | false)[] = [
    {
      name: 'event loop',
      value: stallMs < 1000 ? `${Math.ceil(stallMs)} ms` : readableDuration(stallMs),
      title: 'Longest time in the last hour that this process could not attend to its sockets',
      isBad: stallMs >= LONG_STALL_MS,
    },
    {
      name: 'kernel evidence',
      value: kernelEvidence ? 'yes' : 'no',
      title: kernelEvidence
        ? "SO_ERROR and TCP_INFO can be asked: reasons are the kernel's word"
        : 'SO_ERROR and TCP_INFO cannot be asked: reasons are what the runtime says',
      isBad: !kernelEvidence,
    },
    {
      name: 'host drops',
      value: figure(hostDrops),
      title: 'Packets that this host itself dropped in the last hour, its queue being full (softnet)',
      isBad: hostDrops > 0,
    },
    made > 0 && {
      name: 'spans lost',
      value: figure(lost),
      title: `${figure(made)} spans since the start: ${figure(failed)} failed, ${figure(dropped)} dropped, ${figure(suppressed)} suppressed on purpose`,
      isBad: lost > 0,
    },
    (configSha256 !== '' || isConfigRefused) && {
      name: isConfigRefused ? 'reload refused, still config' : 'config',
      value: html`<a class="mono" href="${prefix}/config">${configSha256}</a>`,
      title: `In force since ${fullTime(configLoadedAt)}: the first digits of the sha256 of its file`,
      isBad: isConfigRefused,
    },
  ];
  return items.filter((item) => item !== false);
}
