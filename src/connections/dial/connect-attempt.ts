import { isIPv6 } from 'node:net';
import { classifyDnsFailure, classifyTlsFailure, type TlsFault } from '../../domain/classify-connect-failure.ts';
import { keepaliveInForce } from '../../domain/keepalive-in-force.ts';
import type { PeerSettings } from '../../settings/peer-settings.ts';
import type { TlsSettings } from '../../settings/tls-settings.ts';
import { createProtocol } from '../../protocols/registry.ts';
import type { RunnerContext } from '../fleet/runner-context.ts';
import type { Link } from '../link/link.ts';
import type { ObservedSocket } from '../link/observed-socket.ts';
import { PlainLink } from '../link/plain-link.ts';
import { TlsLink } from '../link/tls-link.ts';
import { formatDuration } from '../../text/duration.ts';
import { AddressDialer, type DialOutcome } from './address-dialer.ts';
import { AttemptDeadline } from './attempt-deadline.ts';
import type { AttemptFailure, AttemptListener } from './attempt-listener.ts';
import { AttemptRecord, type TlsFacts } from './attempt-record.ts';
import { errnoOf } from './errno-of.ts';
import type { SecureContextAnswer } from './secure-contexts.ts';
import { FirstAnswer, type OpenedSession } from './first-answer.ts';
import type { LookupAnswer, PendingLookup } from './name-lookup.ts';

type CloseLink = Link['close'];

/**
 * One attempt to establish a connection: dns, tcp, tls, one phase after the other under one deadline, then the first answer
 * where one is awaited, under its own. It ends in exactly one call of `established` or `failed`, or in silence after
 * `abandon`. Nothing of an established connection keeps it alive.
 */
export class ConnectAttempt {
  readonly #settings: PeerSettings;
  readonly #context: RunnerContext;
  readonly #listener: AttemptListener;
  #record: AttemptRecord;
  readonly #deadline: AttemptDeadline;
  #phase: 'files' | 'dns' | 'tcp' | 'tls' | 'protocol' | 'over' = 'files';
  /** What the handshake begins with; null: no TLS. */
  #files: SecureContextAnswer | null = null;
  #lookup: PendingLookup | undefined;
  #dialer: AddressDialer | null = null;
  /** The connected stream, while a phase above TCP goes on over it. */
  #link: Link | null = null;
  #firstAnswer: FirstAnswer | null = null;

  constructor(settings: PeerSettings, context: RunnerContext, listener: AttemptListener) {
    const { clock, stalls } = context;
    this.#settings = settings;
    this.#context = context;
    this.#listener = listener;
    this.#record = new AttemptRecord(clock);
    this.#deadline = new AttemptDeadline({
      clock,
      stalls,
      timeoutMs: settings.connectTimeoutMs,
      passed: () => this.#timedOut(),
    });
  }

  start(): void {
    const { tls } = this.#settings;
    if (tls === null) {
      this.#lookUp();
      return;
    }
    // They are read again at each attempt, so rotated certificates need no reload; first, so that no socket waits for a disk.
    this.#context.secureContexts(tls, (files) => {
      if (this.#phase !== 'files') return;
      this.#files = files;
      this.#record = new AttemptRecord(this.#context.clock);
      this.#lookUp();
    });
  }

  #lookUp(): void {
    this.#phase = 'dns';
    const { host, ipFamily, sourceAddress } = this.#settings;
    // An address of the other family could never be reached from the source address.
    const family = sourceAddress === null ? ipFamily : isIPv6(sourceAddress) ? 'ipv6' : 'ipv4';
    this.#lookup = this.#context.lookup(host, family, (answer) => this.#lookedUp(answer));
  }

  /** Gives the attempt up in silence; a socket that is connected already is closed in order. */
  abandon(drainMs: number, done: () => void): void {
    const close = this.#finish();
    if (close === null) done();
    else close(drainMs, done);
  }

  #lookedUp(answer: LookupAnswer): void {
    if (this.#phase !== 'dns') return;
    if (answer.kind === 'failed') {
      this.#fail(nameLookupFailure(answer.code));
      return;
    }
    const addresses = [...new Set(answer.addresses)]; // a hosts file may name one twice
    this.#record.phaseDone('dns');
    this.#record.resolvedTo(addresses);
    this.#phase = 'tcp';
    this.#listener.resolved();
    const { port, sourceAddress } = this.#settings;
    this.#dialer = new AddressDialer({
      addresses,
      port,
      sourceAddress,
      context: this.#context,
      record: this.#record,
      leftMs: () => this.#deadline.leftMs,
      done: (outcome) => this.#dialled(outcome),
    });
    this.#dialer.start();
  }

  #dialled(outcome: DialOutcome): void {
    if (outcome.kind === 'failed') {
      this.#fail(outcome.failure);
      return;
    }
    this.#record.phaseDone('tcp');
    this.#phase = 'tls';
    const { tls } = this.#settings;
    if (outcome.earlyEnd === null) this.#configure(outcome.socket);
    this.#listener.tcpConnected();
    const link = new PlainLink(outcome.socket, { clock: this.#context.clock, ...outcome });
    if (tls === null || this.#files === null) this.#connected(link, {});
    else this.#startTls({ settings: tls, files: this.#files }, outcome, link);
  }

  #configure(socket: ObservedSocket): void {
    const { keepalive, userTimeoutMs } = this.#settings;
    socket.configure(keepalive && keepaliveInForce(keepalive, this.#context.random()), userTimeoutMs);
  }

  #startTls(
    { settings, files }: { readonly settings: TlsSettings; readonly files: SecureContextAnswer },
    { socket, remote, earlyEnd }: DialOutcome & { kind: 'connected' },
    plain: Link,
  ): void {
    this.#record.tlsStarted();
    if (earlyEnd !== null) {
      this.#tlsFailed({ kind: 'socket', signal: earlyEnd.signal }, {});
      return;
    }
    this.#link = plain;
    if (files.kind === 'unusable') {
      this.#tlsFailed({ ...files, kind: 'tls' }, {});
      return;
    }
    const options = {
      clock: this.#context.clock,
      remote,
      context: files.context,
      roots: files.roots,
      serverName: settings.serverName ?? this.#settings.host,
      verify: !settings.insecureSkipVerify,
    };
    const link = new TlsLink(socket, options, {
      secured: (facts) => {
        this.#record.phaseDone('tls');
        this.#connected(link, facts);
      },
      failed: (fault, facts) => this.#tlsFailed(fault, facts),
    });
    this.#link = link;
  }

  #tlsFailed(fault: TlsFault, facts: TlsFacts): void {
    this.#fail(nameTlsFailure(fault), facts);
  }

  /** The stream stands. Where an answer is awaited the peer itself, and not only its kernel, has to give it now. */
  #connected(link: Link, facts: TlsFacts): void {
    const { heartbeat } = this.#settings;
    if (heartbeat === null || heartbeat.timeoutMs === null) {
      this.#established(link, facts, null);
      return;
    }
    const { clock, stalls } = this.#context;
    this.#phase = 'protocol';
    this.#deadline.cancel();
    this.#link = link;
    this.#record.protocolStarted();
    this.#firstAnswer = new FirstAnswer({
      link,
      session: createProtocol(heartbeat.protocol).open(),
      timeoutMs: heartbeat.timeoutMs,
      clock,
      justStalled: () => stalls.justStalled,
      answered: (opened) => {
        this.#record.phaseDone('protocol');
        this.#established(link, facts, opened);
      },
      failed: (failure) => this.#fail(failure, facts),
    });
    this.#firstAnswer.start();
  }

  #timedOut(): void {
    const phase = this.#phase;
    if (phase === 'over') return;
    if (phase === 'files') this.#fail(LATE_FILES);
    else if (phase === 'dns' && this.#lookup !== undefined) {
      this.#fail(lateLookupFailure(this.#lookup, this.#settings.connectTimeoutMs));
    } else if (phase === 'tcp' && this.#dialer !== null) this.#fail(this.#dialer.timeOut());
    else this.#fail({ failure: { phase, reason: 'timeout' } });
  }

  #established(link: Link, facts: TlsFacts, opened: OpenedSession | null): void {
    const all = this.#record.facts(facts);
    this.#link = null;
    this.#finish();
    this.#listener.established(link, all, opened);
  }

  #fail(failure: AttemptFailure, facts: TlsFacts = {}): void {
    if (this.#phase === 'over') return;
    const all = this.#record.facts(facts);
    const close = this.#finish();
    this.#listener.failed(failure, all, close);
  }

  /** Ends the attempt; returns how to close the stream where there is one. */
  #finish(): CloseLink | null {
    this.#phase = 'over';
    this.#deadline.cancel();
    this.#lookup?.cancel();
    this.#dialer?.stop();
    this.#firstAnswer?.stop();
    const link = this.#link;
    return link && ((drainMs, done) => link.close(drainMs, done));
  }
}

/** A slow disk of ours is no fault of a resolver or a peer. */
const LATE_FILES: AttemptFailure = {
  failure: { phase: 'tls', reason: 'other' },
  detail: 'the files of tls could not be read within connect_timeout: their file system does not answer',
};

function nameLookupFailure(code: string): AttemptFailure {
  const failure = classifyDnsFailure(code);
  if (failure.phase === 'dns') return { failure, errno: code };
  return { failure, errno: code, detail: 'no descriptor was free to look the name up; raise the limit of open files' };
}

/** Time in which the look-up waited for a place is ours: the resolver is to blame only where it had most of the time. */
function lateLookupFailure(lookup: PendingLookup, timeoutMs: number): AttemptFailure {
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

function nameTlsFailure(fault: TlsFault): AttemptFailure {
  const failure = classifyTlsFailure(fault);
  if (fault.kind === 'tls') {
    return { failure, errno: fault.code, ...(fault.detail === undefined ? {} : { detail: fault.detail }) };
  }
  const errno = fault.signal.kind === 'closeNotify' ? null : errnoOf(fault.signal);
  return { failure, ...(errno === null ? {} : { errno }) };
}
