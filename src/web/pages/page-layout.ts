import type { HealthReading } from '../../sinks/status/own-health.ts';
import { timestamp } from '../../text/timestamp.ts';
import { html, type Html, type HtmlValue } from './html.ts';
import { healthItems } from './own-health.ts';
import { fullTime } from './page-parts.ts';
import { agoOf } from './times.ts';
import type { TimesSwitch } from './times-switch.ts';

/** Nothing but the style sheet, the script and the icon of this server is loaded, that script asks this server alone, nothing frames it. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Under the prefix. */
export const STYLE_PATH = '/assets/finrst.css';

/** Under the prefix. */
export const SCRIPT_PATH = '/assets/finrst.js';

/** Under the prefix. */
export const ICON_PATH = '/assets/icon.svg';

export type PageFrame = {
  /** What links begin with. */
  readonly prefix: string;
  readonly runningIncidents: number;
  /** Where the metrics are, under the prefix. */
  readonly metricsPath: string;
  readonly version: string;
  /** What this process is called: beside others the same page is another one. */
  readonly hostName: string;
  /** Wall-clock milliseconds. */
  readonly now: number;
  /** When this process began, wall-clock milliseconds. */
  readonly startedAt: number;
  readonly health: HealthReading;
  readonly times: TimesSwitch;
};

export type PageOptions = PageFrame & {
  readonly title: string;
  readonly isIncidents: boolean;
  /** The class of `main`. */
  readonly kind: 'allpeers' | 'onepeer' | 'incidents';
  readonly main: HtmlValue;
};

/** A whole page: head, the bar with the pages, and the main part. Useful without any script. */
export function pageLayout(options: PageOptions): Html {
  const { prefix, title, kind, main, now, version, startedAt, times } = options;
  const run = `${version} ${startedAt}`;
  return html`<!DOCTYPE html>
    <html lang="en" data-run="${run}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Finrst</title>
        <link rel="icon" href="${prefix}${ICON_PATH}" type="image/svg+xml" />
        <link rel="stylesheet" href="${prefix}${STYLE_PATH}" />
        <script src="${prefix}${SCRIPT_PATH}?run=${encodeURIComponent(run)}" defer></script>
      </head>
      <body class="${times.isAbsolute && 'absolute'}">
        <a class="skip" href="#main">Skip to the content</a>
        ${MARKS} ${bar(options)}
        <p class="sr" role="status" id="said"></p>
        <main id="main" class="${kind}" data-now="${timestamp(now)}">
          ${main}
          <footer class="foot">
            <p>
              Times are UTC; hover for the full one, or
              <a href="${times.href}">show ${times.isAbsolute ? 'how long ago' : 'absolute times'}</a>. Idle = since the
              last byte received; silence = since the last packet either way.
            </p>
            <p>
              <a href="${prefix}/words">What the words mean</a> · <a href="${prefix}/api/v1/peers">Peers as JSON</a> ·
              <a href="${prefix}/api/v1/events">Events as JSON</a> ·
              <a href="${prefix}/api/v1/incidents">Incidents as JSON</a> ·
              <a href="${prefix}/api/v1/openapi.json">API</a>
            </p>
          </footer>
        </main>
      </body>
    </html> `;
}

/** The pages, and what this process is. */
function bar({
  prefix,
  metricsPath,
  version,
  hostName,
  now,
  startedAt,
  health,
  runningIncidents,
  isIncidents,
  kind,
}: PageOptions): Html {
  return html`<header class="bar">
    <a class="brand" href="${prefix}/"
      ><svg viewBox="0 0 24 16" aria-hidden="true">
        <path class="up" d="M0 4H17M0 12H17" />
        <use href="#m-eof" class="eof" x="19" y="4" />
        <use href="#m-error" class="error" x="19" y="12" />
      </svg>
      finrst <small><bdi>${hostName}</bdi></small></a
    >
    <nav aria-label="Pages">
      <a href="${prefix}/" ${kind === 'allpeers' && CURRENT}>Peers</a>
      <a href="${prefix}/incidents" ${isIncidents && CURRENT}
        >Incidents${runningIncidents > 0 && html` <span class="count">${runningIncidents}<span class="sr"> running</span></span>`}</a
      >
      <a href="${prefix}/api/v1/targets">Targets</a>
      <a href="${prefix}/config">Configuration</a>
      <a href="${prefix}${metricsPath}">Metrics</a>
    </nav>
    <ul class="self" aria-label="This process">
      ${healthItems(health, prefix)}
      <li title="Since ${fullTime(startedAt)}">${version} <b>up ${agoOf(startedAt, now)}</b></li>
      <li id="live" data-own hidden></li>
    </ul>
  </header>`;
}

const CURRENT: Html = html` aria-current="page"`;

/** The shapes of the classes, as `ended` and the charts use them. */
const MARKS: Html = html`<svg class="defs" aria-hidden="true" focusable="false">
  <defs>
    <circle id="m-eof" r="3.7" />
    <circle id="m-announced" r="3.1" />
    <path id="m-idle" d="M-3.8-4H3.8L1 0L3.8 4H-3.8L-1 0Z" />
    <path id="m-error" d="M-4-2.3L-2.3-4L0-1.7L2.3-4L4-2.3L1.7 0L4 2.3L2.3 4L0 1.7L-2.3 4L-4 2.3L-1.7 0Z" />
    <path id="m-local" d="M-3-3H3V3H-3Z" />
    <path id="m-failed" d="M0-3.9L3.9 0L0 3.9L-3.9 0Z" />
  </defs>
</svg>`;
