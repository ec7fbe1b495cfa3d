import type { ConnectFailure } from '../domain/connect-failure.ts';
import { type Disconnect, isAbnormal } from '../domain/disconnect.ts';
import type {
  ConnectFailed,
  Connected,
  ConnectionEvent,
  ConnectTimings,
  Disconnected,
  Explained,
  Explanation,
  LocalClosed,
} from '../domain/events/connection-events.ts';
import type { Warned } from '../domain/events/process-events.ts';
import type { HeartbeatAnswered, LoopStalled } from '../domain/events/sample-events.ts';
import type { SaidGoodbye } from '../domain/goodbye.ts';
import { isPowerOfTwo } from '../domain/is-power-of-two.ts';
import { NOTABLE_STALL_MS } from '../domain/notable-stall.ts';
import { goodbyeSentence } from '../explanations/goodbye-words.ts';
import { hintEvidence } from '../explanations/hint-words.ts';
import { announcementWords, attemptWords, disconnectWords, localCloseWords } from '../explanations/reason-words.ts';
import { readableBytes, readableDuration } from '../text/figures.ts';
import { formatHostPort } from '../text/host-port.ts';
import { timestamp } from '../text/timestamp.ts';
import type { Style } from './text-paint.ts';

/** One line for people, and what it usually means. The text may hold names from outside: it is to be made safe. */
export type Step = { readonly text: string; readonly style: Style; readonly hint?: string };

/** Certificates are renewed a month ahead as a rule; one with less left is worth a word. */
const SHORT_CERTIFICATE_MS = 30 * 86_400_000;

/** The step that an attempt or an end is. */
export function connectionStep(event: ConnectionEvent): Step {
  switch (event.type) {
    case 'connected':
      return connectedStep(event);
    case 'connectFailed':
      return failedStep(event);
    case 'disconnected':
      return endedStep(event, hintEvidence(event));
    case 'localClosed':
      return closedStep(event);
    case 'explained':
      return explainedStep(event);
  }
}

/** A connection was closed by us. */
export function closedStep({ durationMs, reason }: Pick<LocalClosed, 'durationMs' | 'reason'>): Step {
  return { text: `closed by us after ${readableDuration(durationMs)}: ${localCloseWords(reason)}`, style: 'plain' };
}

/** What explains an end became known. */
export function explainedStep(event: Pick<Explained, 'class' | 'reason'> & Explanation): Step {
  const end = `that ${event.class}/${event.reason}`;
  const text =
    event.by === 'incident'
      ? `${end} is part of incident ${event.incident}`
      : `${end} had been to come: ${announcementWords(event.announced)}`;
  return { text, style: 'plain' };
}

/** The answers that are worth a line, the 1st, 2nd, 4th, 8th, ...: `answers` counts them within the connection. */
export function heartbeatStep(event: HeartbeatAnswered, answers: number): Step | null {
  if (!isPowerOfTwo(answers)) return null;
  return { text: `heartbeat ${answers} answered in ${readableDuration(event.rttMs)}`, style: 'muted' };
}

/** A stall of this process, null for one that is too short to matter. */
export function stallStep(event: LoopStalled): Step | null {
  if (event.durationMs < NOTABLE_STALL_MS) return null;
  return { text: `this process was held up for ${readableDuration(event.durationMs)}`, style: 'warning' };
}

/** Our own trouble or advice. */
export function warnedStep({ level, message }: Warned): Step {
  return { text: `${level === 'warn' ? 'warning' : 'error'}: ${message}`, style: 'warning' };
}

function connectedStep(event: Connected): Step {
  const { timings, tls: handshake, certificate } = event;
  const parts = [
    part('dns', timings.dnsMs),
    part('tcp', timings.tcpMs),
    part('tls', timings.tlsMs),
    part('protocol', timings.protocolMs),
  ].filter((text) => text !== null);
  const split = parts.length > 1 ? ` (${parts.join(', ')})` : '';
  const tls = handshake?.version === undefined ? '' : `, ${handshake.version}`;
  const down = event.downtimeMs === undefined ? '' : `, was down for ${readableDuration(event.downtimeMs)}`;
  const failures = event.failuresBefore === 0 ? '' : `, after ${plural(event.failuresBefore, 'failed attempt')}`;
  const text = `connected to ${formatHostPort(event.remote.address, event.remote.port)} in ${readableDuration(timings.totalMs)}${split}${tls}${failures}${down}`;
  if (certificate === undefined || certificate.expiresAt - event.at > SHORT_CERTIFICATE_MS) {
    return { text, style: 'good' };
  }
  const until = timestamp(certificate.expiresAt).slice(0, 10);
  return { text, style: 'good', hint: `its certificate is valid until ${until} only` };
}

/** A failed attempt as far as it is known. */
export type ShownFailure = ConnectFailure &
  Partial<SaidGoodbye> &
  Pick<ConnectFailed, 'errno' | 'detail'> &
  Partial<Pick<ConnectFailed, 'retryInMs'>> & { readonly timings: Pick<ConnectTimings, 'totalMs'> };

/** An attempt failed. */
export function failedStep(event: ShownFailure): Step {
  const { what, hint } = attemptWords(event);
  const errno = event.errno === undefined ? '' : ` (${event.errno})`;
  const spent = readableDuration(event.timings.totalMs);
  const retry = event.retryInMs === undefined ? '' : `; next try in ${readableDuration(event.retryInMs)}`;
  // What is not of the protocol at all said nothing.
  const said = event.reason === 'rejected' ? goodbyeSentence(event) : '';
  const text = `connect failed: ${event.phase}/${event.reason} after ${spent}: ${what}${errno}${said}${retry}`;
  const wanted = joined(event.detail, hint);
  return { text, style: 'bad', ...(wanted === undefined ? {} : { hint: wanted }) };
}

/** An end as far as it is known. */
export type ShownEnd = Disconnect &
  Partial<SaidGoodbye> &
  Pick<Disconnected, 'durationMs' | 'idleMs' | 'errno' | 'announced' | 'retryInMs' | 'stalledBy'> &
  Partial<Pick<Disconnected, 'receivedBytes' | 'sentBytes'>>;

/** A connection ended. `evidence`: what its hint rests on, in words. */
export function endedStep(event: ShownEnd, evidence: string | undefined): Step {
  const { what, hint } = disconnectWords(event);
  const advice = evidence ?? hint;
  const errno = event.errno === undefined ? '' : ` (${event.errno})`;
  const figures = [
    `idle ${readableDuration(event.idleMs)}`,
    ...(event.receivedBytes === undefined ? [] : [`received ${readableBytes(event.receivedBytes)}`]),
    ...(event.sentBytes === undefined ? [] : [`sent ${readableBytes(event.sentBytes)}`]),
    ...(event.announced === undefined ? [] : [`announced: ${announcementWords(event.announced)}`]),
    ...(event.retryInMs === undefined ? [] : [`next try in ${readableDuration(event.retryInMs)}`]),
  ];
  const age = readableDuration(event.durationMs);
  const text = `ended after ${age}: ${event.class}/${event.reason}: ${what}${errno}${goodbyeSentence(event)}; ${figures.join(', ')}`;
  const style = isAbnormal(event.class) ? 'bad' : 'warning';
  return { text, style, ...(advice === undefined ? {} : { hint: advice }) };
}

function joined(...texts: readonly (string | undefined)[]): string | undefined {
  const present = texts.filter((text) => text !== undefined);
  return present.length === 0 ? undefined : present.join('; ');
}

function part(name: string, milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : `${name} ${readableDuration(milliseconds)}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
