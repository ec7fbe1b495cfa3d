import type { ConnectPhase } from '../../domain/connect-failure.ts';
import type { AddressTried } from '../../domain/events/connection-events.ts';
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
        <span><i class="sw p-dns"></i>dns</span> <span><i class="sw p-none"></i>tcp, no answer</span>
        <span><i class="sw p-tcp"></i>tcp</span>
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
    <td class="fall">${phases({ timings, tried, failure }, longest)}</td>
    <td class="num">${readableDuration(timings.totalMs)}</td>
    <td>${addresses(tried)}${failure?.detail !== undefined && html`; <bdi>${failure.detail}</bdi>`}</td>
  </tr> `;
}

/** One bar a phase, of TCP one an address; what each took stands in the title. */
function phases({ timings, tried, failure }: Omit<PeerAttempt, 'startedAt'>, longest: number): Html {
  const { dnsMs, tlsStartedMs, tlsMs, protocolStartedMs, protocolMs, totalMs } = timings;
  // Where it failed in a step, that step has no length of its own.
  const failedIn = (phase: ConnectPhase, from: number, ms: number | undefined) =>
    failure?.phase === phase && ms === undefined
      ? [{ name: `${phase}, ${failure.reason}`, style: 'p-fail', from, ms: totalMs - from }]
      : [];
  const bars = [
    { name: 'dns', style: 'p-dns', from: 0, ms: dnsMs },
    ...failedIn('dns', 0, dnsMs),
    ...tried
      .slice(0, ADDRESSES)
      .map(barOf)
      .toSorted((one, other) => one.from - other.from),
    { name: 'tls', style: 'p-tls', from: tlsStartedMs, ms: tlsMs },
    ...failedIn('tls', tlsStartedMs ?? totalMs, tlsMs),
    { name: 'login', style: 'p-tls', from: protocolStartedMs, ms: protocolMs },
    ...failedIn('protocol', protocolStartedMs ?? totalMs, protocolMs),
  ].flatMap(({ name, style, from, ms }) =>
    from === undefined || ms === undefined || ms === 0 ? [] : [{ name, style, from, ms }],
  );
  const title = bars.map(({ name, ms }) => `${name} ${readableDuration(ms)}`).join(', ');
  return html`<svg class="chart" height="16" role="img">
    <title>${title === '' ? `nothing was reached in ${readableDuration(totalMs)}` : title}</title>
    ${bars.map(({ style, from, ms }) => html`<rect class="${style}" x="${percent(from / longest)}" width="${percent(ms / longest)}" y="${style === 'p-none' ? 6.5 : 3}" height="${style === 'p-none' ? 3 : 10}" />`)}
  </svg>`;
}

type Bar = { readonly name: string; readonly style: string; readonly from: number; readonly ms: number };

/** One address: it connected, said no, or never answered. */
function barOf(address: AddressTried): Bar {
  const { startedMs: from, durationMs: ms, reason, errno } = address;
  if (isConnected(address)) return { name: 'tcp', style: 'p-tcp', from, ms };
  const isAnswer = errno !== undefined && errno !== 'ETIMEDOUT';
  return isAnswer
    ? { name: `tcp, ${reason ?? errno}`, style: 'p-fail', from, ms }
    : { name: 'tcp, no answer', style: 'p-none', from, ms };
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
