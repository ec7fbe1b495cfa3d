import type { TcpSample } from '../../domain/tcp-sample.ts';
import type { Link, SilenceReader } from '../link/link.ts';
import type { ConnectionTraffic } from './connection-traffic.ts';
import type { ConnectionHolder, HeldContext } from './held-connection-options.ts';
import type { SampleTaker } from './connection-deadlines.ts';

export type ConnectionSamplesOptions = {
  readonly holder: Pick<ConnectionHolder, 'peer'>;
  readonly link: Pick<Link, 'sample' | 'silence'>;
  readonly traffic: ConnectionTraffic;
  readonly context: Pick<HeldContext, 'clock' | 'emit'>;
};

/** What the kernel says of one held connection, each time a sample is due and at its end, and what of it is news. */
export class ConnectionSamples implements SampleTaker {
  readonly #holder: ConnectionSamplesOptions['holder'];
  readonly #link: ConnectionSamplesOptions['link'];
  readonly #silence: SilenceReader;
  readonly #traffic: ConnectionTraffic;
  readonly #context: ConnectionSamplesOptions['context'];
  #last: TcpSample | null = null;
  /** That of the last reading, which may be later than the last sample. */
  #silenceMs = 0;
  #isStopped = false;

  constructor({ holder, link, traffic, context }: ConnectionSamplesOptions) {
    this.#holder = holder;
    this.#link = link;
    this.#silence = link.silence;
    this.#traffic = traffic;
    this.#context = context;
  }

  /** What the last reading says; null: the kernel was not asked, or could not be. */
  get last(): TcpSample | null {
    return this.#last === null ? null : { ...this.#last, silenceMs: this.#silenceMs };
  }

  sampleDue(): void {
    if (this.#isStopped) return;
    const { clock } = this.#context;
    const now = clock.monotonic();
    if (!this.#stayedSilent(now)) this.take(this.#link.sample(), clock.now(), now);
  }

  /** Nothing more is read: the socket is another one's soon. */
  stop(): void {
    this.#isStopped = true;
  }

  /** A reading of that moment; `now`: the same, monotonic. */
  take(tcp: TcpSample | null, at: number, now: number): void {
    if (tcp === null) return;
    const newRetransmits = tcp.totalRetransmits - (this.#last?.totalRetransmits ?? 0);
    this.#last = tcp;
    this.#silenceMs = tcp.silenceMs;
    const silences = this.#traffic.takeSilences(tcp, now);
    this.#context.emit({ type: 'sampled', at, peer: this.#holder.peer, tcp, newRetransmits, silences });
  }

  /** Most connections are silent most of the time: what is known of them stands, and needs to be neither made nor kept anew. */
  #stayedSilent(now: number): boolean {
    const silenceMs = this.#last === null ? null : this.#silence.since(this.#last);
    const silences = silenceMs === null ? null : this.#traffic.takeIfSilent(silenceMs, now);
    if (silenceMs === null || silences === null) return false;
    this.#silenceMs = silenceMs;
    const { clock, emit } = this.#context;
    emit({ type: 'stayedSilent', at: clock.now(), peer: this.#holder.peer, silences });
    return true;
  }
}
