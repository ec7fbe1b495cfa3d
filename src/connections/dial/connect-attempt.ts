import { isIPv6 } from 'node:net';
import type { TlsFault } from '../../domain/classify-connect-failure.ts';
import { keepaliveInForce } from '../../domain/keepalive-in-force.ts';
import type { PeerSettings } from '../../settings/peer-settings.ts';
import { NO_LOGIN } from '../../protocols/no-login.ts';
import { createProtocol } from '../../protocols/registry.ts';
import type { RunnerContext } from '../fleet/runner-context.ts';
import type { Link } from '../link/link.ts';
import type { ObservedSocket } from '../link/observed-socket.ts';
import { PlainLink } from '../link/plain-link.ts';
import { TlsLink } from '../link/tls-link.ts';
import type { Protocol } from '../../protocols/session.ts';
import { AddressDialer, type DialOutcome } from './address-dialer.ts';
import { AttemptDeadline } from './attempt-deadline.ts';
import type { AttemptFailure, AttemptListener } from './attempt-listener.ts';
import { AttemptRecord, type TlsFacts } from './attempt-record.ts';
import { type AttemptFiles, NO_FILES, readAttemptFiles } from './attempt-files.ts';
import {
  LATE_FILES,
  LATE_PASSWORD,
  lateLookupFailure,
  nameLookupFailure,
  nameTlsFailure,
  passwordFailure,
} from './attempt-failures.ts';
import { Login } from './login.ts';
import { FirstAnswer } from './first-answer.ts';
import type { LookupAnswer, PendingLookup } from './name-lookup.ts';
import type { OpenedSession } from './session-opening.ts';

type CloseLink = Link['close'];

/** What attempts share, of those who hold their connections and of those who only try a peer. */
export type AttemptContext = Pick<
  RunnerContext,
  | 'clock'
  | 'random'
  | 'kernel'
  | 'lookup'
  | 'secureContexts'
  | 'logins'
  | 'rate'
  | 'budget'
  | 'stalls'
  | 'readBuffer'
  | 'readTurns'
  | 'ends'
  | 'drainMs'
>;

/**
 * One attempt to establish a connection: dns, tcp, tls, one phase after the other under one deadline, then the first answer
 * where one is awaited, under its own. It ends in exactly one call of `established` or `failed`, or in silence after
 * `abandon`. Nothing of an established connection keeps it alive.
 */
export class ConnectAttempt {
  readonly #settings: PeerSettings;
  readonly #context: AttemptContext;
  readonly #listener: AttemptListener;
  #record: AttemptRecord;
  readonly #deadline: AttemptDeadline;
  #phase: 'files' | 'dns' | 'tcp' | 'tls' | 'protocol' | 'over' = 'files';
  #files: AttemptFiles = NO_FILES;
  /** What is spoken above TCP and TLS; null: nothing but a heartbeat, if any. */
  readonly #protocol: Protocol | null;
  #login: Login | null = null;
  #tlsFacts: TlsFacts = {};
  #lookup: PendingLookup | undefined;
  #dialer: AddressDialer | null = null;
  /** The connected stream, while a phase above TCP goes on over it. */
  #link: Link | null = null;
  #firstAnswer: FirstAnswer | null = null;

  constructor(settings: PeerSettings, context: AttemptContext, listener: AttemptListener) {
    const { clock, stalls } = context;
    this.#settings = settings;
    this.#context = context;
    this.#listener = listener;
    this.#protocol = settings.protocol === null ? null : createProtocol(settings.protocol);
    this.#record = new AttemptRecord(clock);
    this.#deadline = new AttemptDeadline({
      clock,
      stalls,
      timeoutMs: settings.connectTimeoutMs,
      passed: () => this.#timedOut(),
    });
  }

  start(): void {
    const { tls, protocol } = this.#settings;
    if (tls === null && protocol === null) {
      this.#lookUp();
      return;
    }
    // First, so that no socket waits for a disk.
    readAttemptFiles(this.#settings, this.#context, (files) => {
      if (this.#phase !== 'files') return;
      this.#files = files;
      this.#record = new AttemptRecord(this.#context.clock);
      if (files.password?.kind === 'unusable') this.#fail(passwordFailure(files.password.detail));
      else this.#lookUp();
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
  close(drainMs: number, done: () => void): void {
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
    const isLater = this.#protocol?.tls === 'inBand';
    if (tls === null || isLater) this.#connected(link, {}, () => this.#startTls(outcome, link));
    else this.#startTls(outcome, link);
  }

  #configure(socket: ObservedSocket): void {
    const { keepalive, userTimeoutMs } = this.#settings;
    socket.configure(keepalive && keepaliveInForce(keepalive, this.#context.random()), userTimeoutMs);
  }

  /** At once, or where a login under way asks for it. */
  #startTls({ socket, remote, earlyEnd }: DialOutcome & { kind: 'connected' }, plain: Link): void {
    const { tls: settings } = this.#settings;
    const { tls: files } = this.#files;
    if (settings === null || files === null) throw new TypeError('TLS begins only where it is configured');
    this.#phase = 'tls';
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
      alpn: this.#protocol?.alpn ?? [],
    };
    const link = new TlsLink(socket, options, {
      secured: (facts) => {
        this.#record.phaseDone('tls');
        if (this.#login === null) this.#connected(link, facts);
        else this.#loginSecured(this.#login, link, facts);
      },
      failed: (fault, facts) => this.#tlsFailed(fault, facts),
    });
    this.#link = link;
  }

  #tlsFailed(fault: TlsFault, facts: TlsFacts): void {
    // With facts of it TLS stands, and only its certificate was refused.
    if (facts.tls !== undefined && this.#link !== null) this.#login?.untrusted(this.#link);
    this.#fail(nameTlsFailure(fault), facts);
  }

  /** The login goes on over TLS, and over the link that is closed should it fail. */
  #loginSecured(login: Login, link: TlsLink, facts: TlsFacts): void {
    this.#phase = 'protocol';
    this.#tlsFacts = facts;
    login.secured(link, link.peerCertificate);
  }

  #logIn(protocol: Protocol, link: Link, upgrade: () => void): void {
    const { clock, logins } = this.#context;
    const { password } = this.#files;
    const { host, port, heartbeat, tls } = this.#settings;
    this.#phase = 'protocol';
    this.#link = link;
    this.#record.protocolStarted();
    this.#login = new Login({
      link,
      session: protocol.open({
        host,
        port,
        userAgent: logins.userAgent,
        random: (bytes) => logins.random(bytes),
        password: password?.kind === 'password' ? password.password : null,
        beatEveryMs: heartbeat?.intervalMs ?? null,
        tls: tls !== null,
        certificate: link instanceof TlsLink ? link.peerCertificate : null,
      }),
      clock,
      keys: logins.keys,
      startTls: () => {
        this.#record.phaseDone('protocol');
        upgrade();
      },
      opened: (opened) => {
        this.#record.phaseDone('protocol');
        this.#established(this.#link ?? link, this.#tlsFacts, opened);
      },
      failed: (failure) => this.#fail(failure, this.#tlsFacts),
    });
    this.#login.start();
  }

  /** The stream stands. Where an answer is awaited the peer itself, and not only its kernel, has to give it now. */
  #connected(link: Link, facts: TlsFacts, upgrade: () => void = () => {}): void {
    const { heartbeat } = this.#settings;
    this.#tlsFacts = facts;
    if (this.#protocol !== null) {
      this.#logIn(this.#protocol, link, upgrade);
      return;
    }
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
      session: createProtocol(heartbeat.protocol).open(NO_LOGIN),
      timeoutMs: heartbeat.timeoutMs,
      clock,
      stalls,
      opened: (opened) => {
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
    if (phase === 'files') this.#fail(this.#settings.tls === null ? LATE_PASSWORD : LATE_FILES);
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
    this.#login?.stop();
    const link = this.#link;
    return link && ((drainMs, done) => link.close(drainMs, done));
  }
}
