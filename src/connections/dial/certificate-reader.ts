import type { Timer } from '../../clock/clock.ts';
import type { CertificateReading } from '../../domain/certificate-reading.ts';
import type { Endpoint } from '../../domain/events/connection-events.ts';
import type { PeerSettings } from '../../settings/peer-settings.ts';
import type { RunnerContext } from '../fleet/runner-context.ts';
import { ObservedSocket } from '../link/observed-socket.ts';
import { TlsLink } from '../link/tls-link.ts';
import type { SecureContextAnswer } from './secure-contexts.ts';

export type CertificateReaderOptions = {
  readonly settings: PeerSettings;
  readonly remote: Endpoint;
  readonly context: Omit<RunnerContext, 'watchCertificate'>;
  /** Called once, unless the reader is stopped first; null: nothing was learned. */
  readonly done: (reading: CertificateReading | null) => void;
};

/**
 * One short handshake beside a held connection, to read the peer's certificates as they are now. It takes a turn of the
 * connect rate and a spare descriptor, ends within `connect_timeout`, and is no connection: nothing of it is published.
 */
export class CertificateReader {
  readonly #options: CertificateReaderOptions;
  #timer: Timer | null = null;
  #socket: ObservedSocket | null = null;
  #over = false;

  constructor(options: CertificateReaderOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = this.#options.context.rate.request(() => this.#connect());
  }

  /** Ends it at once, also while it closes after its work. */
  stop(): void {
    this.#over = true;
    this.#timer?.cancel();
    this.#socket?.destroy();
  }

  /** The files come first: once it is connected, a socket needs someone who sees its end. */
  #connect(): void {
    const { context, settings } = this.#options;
    if (settings.tls === null) this.#fail();
    else context.secureContexts(settings.tls, (files) => this.#open(files));
  }

  #open(files: SecureContextAnswer): void {
    const { context, settings, remote } = this.#options;
    if (this.#over) return;
    if (files.kind === 'unusable' || !context.budget.takeSpare()) {
      this.#fail();
      return;
    }
    const socket = new ObservedSocket(context, { received: () => {}, ended: () => this.#fail() });
    this.#socket = socket;
    socket.once('close', () => {
      context.budget.giveBack();
      this.#socket = null;
    });
    this.#timer = context.clock.after(settings.connectTimeoutMs, () => this.#fail());
    socket.open({ ...remote, sourceAddress: settings.sourceAddress }, () => this.#handshake(socket, files));
  }

  #handshake(socket: ObservedSocket, files: Extract<SecureContextAnswer, { kind: 'ready' }>): void {
    const { context, settings, remote } = this.#options;
    const { tls, host } = settings;
    if (this.#over || tls === null) {
      this.#fail();
      return;
    }
    const { clock } = context;
    const { context: secureContext, roots } = files;
    const verify = !tls.insecureSkipVerify;
    const options = { clock, remote, context: secureContext, roots, serverName: tls.serverName ?? host, verify };
    const link = new TlsLink(socket, options, {
      secured: ({ certificate }) => {
        this.#finish(certificate ?? null);
        link.close(context.drainMs, () => {});
      },
      failed: () => this.#fail(),
    });
  }

  #fail(): void {
    this.#socket?.destroy();
    this.#finish(null);
  }

  #finish(reading: CertificateReading | null): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer?.cancel();
    this.#options.done(reading);
  }
}
