import { classifyDnsFailure, classifyTlsFailure, type TlsFault } from '../../domain/classify-connect-failure.ts';
import type { ConnectFailure } from '../../domain/connect-failure.ts';
import { formatDuration } from '../../text/duration.ts';
import type { AttemptFailure } from './attempt-listener.ts';
import { errnoOf } from './errno-of.ts';
import type { PendingLookup } from './name-lookup.ts';

const NO_LOGIN_AT_ALL: ConnectFailure = { phase: 'protocol', reason: 'other' };

/** A slow disk of ours is no fault of a server. */
export const LATE_PASSWORD: AttemptFailure = {
  failure: NO_LOGIN_AT_ALL,
  detail: 'the password file could not be read within connect_timeout: its file system does not answer',
};

/** A slow disk of ours is no fault of a resolver or a peer. */
export const LATE_FILES: AttemptFailure = {
  failure: { phase: 'tls', reason: 'other' },
  detail: 'the files of tls could not be read within connect_timeout: their file system does not answer',
};

/** A look-up that answered with this code. */
export function nameLookupFailure(code: string): AttemptFailure {
  const failure = classifyDnsFailure(code);
  if (failure.phase === 'dns') return { failure, errno: code };
  return { failure, errno: code, detail: 'no descriptor was free to look the name up; raise the limit of open files' };
}

/** Time in which the look-up waited for a place is ours: the resolver is to blame only where it had most of the time. */
export function lateLookupFailure(lookup: PendingLookup, timeoutMs: number): AttemptFailure {
  const waitedMs = lookup.waitedMs();
  if (lookup.hasBegun() && waitedMs < timeoutMs / 2) return { failure: { phase: 'dns', reason: 'timeout' } };
  const what = lookup.hasBegun()
    ? `the look-up waited ${formatDuration(Math.round(waitedMs))} of connect_timeout for its turn`
    : 'the look-up was not begun within connect_timeout';
  return {
    failure: { phase: 'dns', reason: 'other' },
    detail: `${what}: look-ups of other names take all places, and their resolver is slow or silent`,
  };
}

/** A handshake that failed. */
export function nameTlsFailure(fault: TlsFault): AttemptFailure {
  const failure = classifyTlsFailure(fault);
  if (fault.kind === 'tls') {
    return { failure, errno: fault.code, ...(fault.detail === undefined ? {} : { detail: fault.detail }) };
  }
  const errno = fault.signal.kind === 'closeNotify' ? null : errnoOf(fault.signal);
  return { failure, ...(errno === null ? {} : { errno }) };
}

/** The password file cannot be used: there is no point in a connection. */
export function passwordFailure(detail: string): AttemptFailure {
  return { failure: NO_LOGIN_AT_ALL, detail };
}
