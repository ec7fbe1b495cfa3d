import { advisedKeepaliveSeconds } from '../domain/silence/ladder-steps.ts';
import type { SilenceFinding } from '../domain/silence/find-silence-limit.ts';
import type { LadderEnd, LadderRow } from '../domain/silence/silence-ladder-state.ts';
import { timestamp } from '../text/timestamp.ts';
import { type KnownLimit, knownLimitsNear, knownLimitsWithin } from './known-limits.ts';

/** How the question was put. `keepalive`, or the name of what the application was asked by. */
export type AskedBy = { readonly kind: 'keepalive' } | { readonly kind: 'application'; readonly by: string };

/** What a ladder found, with what is needed to say it. */
export type SilenceReport = {
  readonly end: LadderEnd | { readonly kind: 'stopped'; readonly finding: SilenceFinding };
  readonly askedBy: AskedBy;
  readonly rows: readonly LadderRow[];
  /** As the user wrote it. */
  readonly peer: string;
  /** Both null: nothing was reached. */
  readonly address: string | null;
  readonly local: string | null;
  /** Wall clock. */
  readonly startedAt: number;
  /** Difference of the wall clock and the monotonic one. */
  readonly wallOffsetMs: number;
};

/** One part of what is said, under its head. */
export type SilenceParagraph = { readonly head: 'LIMIT' | 'HOW' | 'WHOSE' | 'ASKED' | 'SET'; readonly text: string };

type Limit = Extract<SilenceFinding, { readonly kind: 'limit' }>;

/** Seconds as people say them: whole ones without a fraction. */
export function secondsText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 100) / 10;
  return `${Number.isInteger(seconds) ? seconds : seconds.toFixed(1)} s`;
}

/** Who is known for a limit that these figures hold; the narrowest first. */
export function suspectsOf(finding: SilenceFinding): readonly KnownLimit[] {
  if (finding.kind !== 'limit') return [];
  if (finding.endedAfterMs !== null) return knownLimitsNear(finding.endedAfterMs);
  return finding.survivedMs === null ? [] : knownLimitsWithin(finding.survivedMs, finding.fatalMs);
}

/** What was found, how, whose limit that is, and what to do: a paragraph each, in plain words. */
export function silenceParagraphs(report: SilenceReport): readonly SilenceParagraph[] {
  const { end, askedBy } = report;
  const limit: SilenceParagraph = { head: 'LIMIT', text: limitText(report) };
  if (end.kind === 'unreachable' || end.kind === 'controlDied' || end.kind === 'neverSilent') return [limit];
  const asked: SilenceParagraph = { head: 'ASKED', text: askedText(askedBy) };
  const { finding } = end;
  if (finding.kind !== 'limit') return [limit, asked, ...setWithoutLimit(finding)];
  return [
    limit,
    { head: 'HOW', text: howText(finding, askedBy) },
    { head: 'WHOSE', text: whoseText(finding, askedBy) },
    asked,
    { head: 'SET', text: setText(finding, askedBy) },
  ];
}

function limitText({ end, rows, wallOffsetMs }: SilenceReport): string {
  if (end.kind === 'unreachable') return `Not known: nothing answers there (${end.why}).`;
  if (end.kind === 'neverSilent')
    return 'Not known: the peer sends by itself, so no connection to it was silent for as long as its step.';
  if (end.kind === 'controlDied')
    return `Not known. The control connection, which is asked every second, failed (${end.why}): whatever died meanwhile need not have died of its silence. Run it again.`;
  const { finding } = end;
  const isStopped = end.kind === 'stopped';
  switch (finding.kind) {
    case 'none':
      if (finding.survivedMs === null) return 'Not known: stopped before the first answer.';
      if (isStopped) return `Above ${secondsText(finding.survivedMs)}; stopped before more was known.`;
      return `None up to ${secondsText(finding.survivedMs)}: ${counted(rows)}.`;
    case 'limit':
      return limitFound(finding);
    case 'unconfirmed':
      return `Not known. One connection died after ${secondsText(finding.stepMs)} of silence or less, and nothing confirms that it was not an accident. Run it again.`;
    case 'contradicted':
      return `Not known. One connection died after ${secondsText(finding.diedMs)} of silence, and another one survived ${secondsText(finding.survivedMs)}: an accident, or several paths of which one forgets. Run it again.`;
    case 'together': {
      const time = timestamp(finding.at + wallOffsetMs).slice(11, 19);
      return `Not known. ${finding.ends} connections ended within ${Math.ceil(finding.withinMs)} ms at ${time} UTC, although begun 0.5 s apart: a restart or an accident, no timer. Run it again.`;
    }
  }
}

function limitFound({ survivedMs, fatalMs, endedAfterMs, how }: Limit): string {
  if (endedAfterMs !== null) {
    const what = how === 'fin' ? 'closes in order' : 'ends the connection with a reset';
    return `At ${secondsText(endedAfterMs)} of silence the peer, or a box on the path, ${what}.`;
  }
  if (survivedMs === null)
    return `At most ${secondsText(fatalMs)} of silence: not even the shortest that was tried was survived.`;
  return `Between ${secondsText(survivedMs)} and ${secondsText(fatalMs)} of silence this path forgets a connection.`;
}

function counted(rows: readonly LadderRow[]): string {
  const results = rows.flatMap(({ result }) => result ?? []);
  const survived = results.filter(({ outcome }) => outcome === 'survived').length;
  return results.length === 1 ? 'that silence was survived' : `${survived} of ${results.length} silences were survived`;
}

function howText({ how, endedAfterMs, deaths }: Limit, askedBy: AskedBy): string {
  if (endedAfterMs !== null) {
    const what = how === 'fin' ? 'a FIN' : 'a reset';
    return `With ${what} of its own: nobody had to ask. A timer: ${deaths} connections, begun 0.5 s apart or one after the other, ended after equal silences.`;
  }
  switch (how) {
    case 'reset':
      return `Without a word. The next packet is answered with a reset (${deaths} of ${deaths}).`;
    case 'fin':
      return `Without a word. The next packet is answered with a FIN (${deaths} of ${deaths}).`;
    case 'silent':
      return `Without a word, and the next packet gets none either: ${askedBy.kind === 'keepalive' ? '3 probes in 3 s were not answered' : 'what was sent had no answer'} (${deaths} of ${deaths}). A client that waits for data would wait for ever.`;
  }
}

function whoseText(finding: Limit, askedBy: AskedBy): string {
  const known = suspectsOf(finding);
  if (known.length === 0) return 'No known limit lies there (finrst explain idle_limits lists them).';
  const names = known.map(({ seconds, who }) => `${seconds} s is the limit of ${who.replaceAll('`', '')}.`).join(' ');
  const isBeforeLogin =
    askedBy.kind === 'keepalive' && finding.how === 'fin' && known.some((limit) => limit.beforeLogin);
  return isBeforeLogin
    ? `${names} Nobody has logged in here, so it may be the server's own limit for that, and no limit of the path: --protocol asks behind the login.`
    : names;
}

/** What an answer proves. */
export function askedText(askedBy: AskedBy): string {
  return askedBy.kind === 'application'
    ? `Asked the application (${askedBy.by}).`
    : 'Asked by keepalive: only as far as the first box that ends TCP, which may be a proxy.';
}

function setText({ survivedMs, endedAfterMs, how }: Limit, askedBy: AskedBy): string {
  if (survivedMs === null) return 'Not known yet: try shorter silences with --steps.';
  const seconds = advisedKeepaliveSeconds(survivedMs);
  const isProxy = endedAfterMs !== null && how === 'fin' && askedBy.kind === 'keepalive';
  return isProxy
    ? `heartbeat: {interval: ${seconds}s}, half of what was survived. Who closes in order usually counts payload, and a keepalive probe has none.`
    : `keepalive: {idle: ${seconds}s}, half of what was survived.`;
}

function setWithoutLimit(finding: SilenceFinding): readonly SilenceParagraph[] {
  if (finding.kind !== 'none' || finding.survivedMs === null) return [];
  return [{ head: 'SET', text: 'Nothing. To look further: --up-to.' }];
}

/** One sentence for a ticket; null: there is no finding to paste. */
export function silenceSentence(report: SilenceReport): string | null {
  const { end, askedBy, rows, peer, address, local, startedAt } = report;
  if (end.kind !== 'found' || address === null || local === null) return null;
  const { finding } = end;
  const path = `the path from ${local} to ${peer} (${address})`;
  const when = `${timestamp(startedAt).slice(0, 16).replace('T', ' ')} UTC`;
  const asked = askedBy.kind === 'application' ? `asked the application, ${askedBy.by}` : ASKED_BY_KEEPALIVE;
  if (finding.kind === 'none' && finding.survivedMs !== null)
    return `${capital(path)} kept silent TCP connections for ${secondsText(finding.survivedMs)} (${when}; ${counted(rows)}; ${asked}).`;
  if (finding.kind !== 'limit') return null;
  const suspects = suspectsOf(finding).map(({ seconds, short }) => `${short}: ${seconds} s`);
  const known = suspects.length === 0 ? 'no known limit lies there' : `known limits: ${suspects.join('; ')}`;
  const what =
    finding.endedAfterMs === null
      ? `forgets TCP connections after ${finding.survivedMs === null ? 'at most' : `${secondsText(finding.survivedMs)} to`} ${secondsText(finding.fatalMs)} of silence and ${NEXT_PACKET[finding.how]}`
      : `loses TCP connections after ${secondsText(finding.endedAfterMs)} of silence by ${finding.how === 'fin' ? 'a FIN' : 'a reset'} of the other side`;
  const results = rows.flatMap(({ result }) => result ?? []);
  const survived = results.filter(({ outcome }) => outcome === 'survived').length;
  const advice =
    finding.survivedMs === null
      ? ''
      : `, so something has to be sent at least every ${advisedKeepaliveSeconds(finding.survivedMs)} s`;
  return `${capital(path)} ${what} (${when}; ${survived} shorter silences survived, ${results.length - survived} longer ones did not; ${asked}); ${known}${advice}.`;
}

const NEXT_PACKET = {
  reset: 'resets the next packet',
  silent: 'drops the next packets',
  fin: 'answers the next packet with a FIN',
} as const;

const ASKED_BY_KEEPALIVE = 'asked by keepalive, which says nothing of what lies behind a proxy';

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
