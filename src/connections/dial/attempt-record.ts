import type { Clock } from '../../clock/clock.ts';
import type { CertificateReading } from '../../domain/certificate-reading.ts';
import { classifyTcpFailure } from '../../domain/classify-connect-failure.ts';
import type { AddressTried, ConnectTimings } from '../../domain/events/connection-events.ts';
import type { TlsHandshake } from '../../domain/tls-handshake.ts';

export type AttemptFacts = {
  readonly timings: ConnectTimings;
  readonly tried: readonly AddressTried[];
  readonly certificate?: CertificateReading;
  readonly tls?: TlsHandshake;
  readonly resolved?: readonly string[];
};

export type TlsFacts = Pick<AttemptFacts, 'certificate' | 'tls'>;

type StepTimings = Omit<ConnectTimings, 'totalMs'>;

/** What an attempt remembers for its event: which address was tried when, and how long each phase took. */
export class AttemptRecord {
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #timings: { -readonly [Step in keyof StepTimings]: StepTimings[Step] } = {};
  readonly #tried: AddressTried[] = [];
  #resolved: readonly string[] | null = null;
  #phaseStartedAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAt = clock.monotonic();
    this.#phaseStartedAt = this.#startedAt;
  }

  /** This phase is over; the next one begins now. A phase that goes on after another one has the sum of both times. */
  phaseDone(phase: 'dns' | 'tcp' | 'tls' | 'protocol'): void {
    const now = this.#clock.monotonic();
    this.#timings[`${phase}Ms`] = (this.#timings[`${phase}Ms`] ?? 0) + now - this.#phaseStartedAt;
    this.#phaseStartedAt = now;
  }

  /** The look-up gave these. */
  resolvedTo(addresses: readonly string[]): void {
    this.#resolved = addresses;
  }

  /** The phase that runs is the TLS handshake. */
  tlsStarted(): void {
    this.#timings.tlsStartedMs = this.#phaseStartedAt - this.#startedAt;
  }

  /** The phase that runs waits for the first answer, or logs in. Again: it goes on. */
  protocolStarted(): void {
    this.#timings.protocolStartedMs ??= this.#phaseStartedAt - this.#startedAt;
  }

  /** An address that was dialled at this monotonic moment connected, or failed with `errno`. */
  addressTried(address: string, dialledAt: number, errno?: string): void {
    const durationMs = this.#clock.monotonic() - dialledAt;
    const startedMs = dialledAt - this.#startedAt;
    const failed = errno === undefined ? {} : { reason: classifyTcpFailure(errno).reason, errno };
    this.#tried.push({ address, startedMs, durationMs, ...failed });
  }

  /** Another address connected before this one had an outcome. */
  abandoned(address: string, dialledAt: number): void {
    const durationMs = this.#clock.monotonic() - dialledAt;
    this.#tried.push({ address, startedMs: dialledAt - this.#startedAt, durationMs, abandoned: true });
  }

  facts(tls: TlsFacts = {}): AttemptFacts {
    const totalMs = this.#clock.monotonic() - this.#startedAt;
    const resolved = this.#resolved === null ? {} : { resolved: this.#resolved };
    return { timings: { ...this.#timings, totalMs }, tried: this.#tried, ...resolved, ...tls };
  }
}
