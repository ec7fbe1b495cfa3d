import type { AddressTried, ConnectTimings } from '../../domain/events/connection-events.ts';
import { goodbyeSentence } from '../../explanations/goodbye-words.ts';
import { attemptWords } from '../../explanations/reason-words.ts';
import type { PeerAttempt } from '../../sinks/status/peer-history.ts';
import { readableDuration } from '../../text/figures.ts';
import { html, type Html } from './html.ts';
import { mark, percent, time } from './page-parts.ts';

/** More is a list nobody reads; a failing peer has hundreds. */
const MOST = 6;
/** As in a line of the log. */
const ADDRESSES = 16;

/** How the last attempts went: their phases, and every address with what came of it. */
export function attemptsSection(attempts: readonly PeerAttempt[], now: number): Html {
  const shown = attempts.slice(0, MOST);
  const longest = Math.max(1, ...shown.map(({ timings }) => timings.totalMs));
  return html`<section aria-labelledby="att-h">
    <div class="head">
      <h2 id="att-h">Last attempts</h2>
      <p class="legend">
        <span><i class="sw p-dns"></i>dns</span> <span><i class="sw p-tcp"></i>tcp</span>
        <span><i class="sw p-tls"></i>tls, login</span>
      </p>
    </div>
    ${
      shown.length === 0
        ? html`<p class="basis">None among the last thousand attempts of all peers, and none failed.</p>`
        : html`<div class="panel scroll" tabindex="0" role="group" aria-label="The attempts, a table">
            <table class="data attempts">
              <thead>
                <tr>
                  <th scope="col">Begun</th>
                  <th scope="col">Outcome</th>
                  <th scope="col">0 to ${readableDuration(longest)}</th>
                  <th scope="col" class="num">Took</th>
                  <th scope="col">Addresses tried</th>
                </tr>
              </thead>
              <tbody>
                ${shown.map((attempt) => row(attempt, now, longest))}
              </tbody>
            </table>
          </div>`
    }
    ${idleAddresses(attempts).map(
      ({ address, costMs }) =>
        html`<p class="basis">
          <code>${address}</code> answered in none of these attempts: it costs ${readableDuration(costMs)} at each
          connect.
        </p>`,
    )}
  </section>`;
}

/** Addresses that were tried before the one that connected, at least twice, and never answered; what that costs in the median. */
function idleAddresses(
  attempts: readonly PeerAttempt[],
): readonly { readonly address: string; readonly costMs: number }[] {
  const answered = new Set<string>();
  const costs = new Map<string, number[]>();
  for (const { tried } of attempts.filter(({ failure }) => failure === null)) {
    const winner = tried.find(isConnected);
    if (winner !== undefined) answered.add(winner.address);
    for (const { address, startedMs } of tried.filter((each) => !isConnected(each))) {
      const next = tried.map((each) => each.startedMs).filter((startedAt) => startedAt > startedMs);
      if (next.length > 0) costs.set(address, [...(costs.get(address) ?? []), Math.min(...next) - startedMs]);
    }
  }
  return [...costs].flatMap(([address, all]) => {
    const costMs = all.toSorted((one, other) => one - other)[Math.floor(all.length / 2)];
    return answered.has(address) || all.length < 2 || costMs === undefined ? [] : [{ address, costMs }];
  });
}

function isConnected({ reason, errno, abandoned }: AddressTried): boolean {
  return reason === undefined && errno === undefined && abandoned !== true;
}

function row({ startedAt, timings, tried, failure }: PeerAttempt, now: number, longest: number): Html {
  const outcome =
    failure === null
      ? html`connected`
      : html`${mark('failed')}<span class="reason" title="${attemptWords(failure).what}${goodbyeSentence(failure)}"
            >${failure.phase}/${failure.reason}</span
          >`;
  return html`<tr data-key="${String(startedAt)}">
    <td>${time(startedAt, now)}</td>
    <td>${outcome}</td>
    <td class="fall">${phases(timings, longest)}</td>
    <td class="num">${readableDuration(timings.totalMs)}</td>
    <td>${addresses(tried)}${failure?.detail !== undefined && html`; <bdi>${failure.detail}</bdi>`}</td>
  </tr> `;
}

/** One bar a phase; what it took stands in the title. */
function phases(timings: ConnectTimings, longest: number): Html {
  const { dnsMs = 0, tcpMs, tlsStartedMs, tlsMs, protocolStartedMs, protocolMs, totalMs } = timings;
  const bars = [
    { name: 'dns', style: 'p-dns', from: 0, ms: dnsMs },
    { name: 'tcp', style: 'p-tcp', from: dnsMs, ms: tcpMs },
    { name: 'tls', style: 'p-tls', from: tlsStartedMs, ms: tlsMs },
    { name: 'login', style: 'p-tls', from: protocolStartedMs, ms: protocolMs },
  ].flatMap(({ name, style, from, ms }) =>
    from === undefined || ms === undefined || ms === 0 ? [] : [{ name, style, from, ms }],
  );
  const title = bars.map(({ name, ms }) => `${name} ${readableDuration(ms)}`).join(', ');
  return html`<svg class="chart" height="16" role="img">
    <title>${title === '' ? `nothing was reached in ${readableDuration(totalMs)}` : title}</title>
    <rect class="p-none" x="0" width="${percent(totalMs / longest)}" y="6.5" height="3" />
    ${bars.map(({ style, from, ms }) => html`<rect class="${style}" x="${percent(from / longest)}" width="${percent(ms / longest)}" y="3" height="10" />`)}
  </svg>`;
}

function addresses(tried: readonly AddressTried[]): Html {
  if (tried.length === 0) return html`<span class="quiet">none</span>`;
  const more = tried.length - ADDRESSES;
  const shown = tried
    .slice(0, ADDRESSES)
    .map((each, index) => html`${index > 0 && '; '}<code>${each.address}</code> ${outcomeOf(each)}`);
  return html`${shown}${more > 0 && `; ${`${more} more`}`}`;
}

function outcomeOf({ durationMs, errno, reason, abandoned }: AddressTried): Html {
  const took = readableDuration(durationMs);
  if (abandoned === true) return html`given up after ${took}: another one connected`;
  if (errno !== undefined) return html`<code>${errno}</code> after ${took}`;
  return html`${reason === undefined ? 'connected' : reason} in ${took}`;
}
