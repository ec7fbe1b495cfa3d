import type { Timer } from '../../clock/clock.ts';
import { type CertificateReading, readAgainAfter, readAgainAt } from '../../domain/certificate-reading.ts';
import { CertificateReader } from '../dial/certificate-reader.ts';
import type { CertificateHolder } from '../hold/certificate-holder.ts';
import type { RunnerContext } from './runner-context.ts';

/** Readings are due at a random hour: a minute more does not matter, and 15,000 peers are looked through in less than 1 ms. */
const LOOK_MS = 60_000;

type Watched = {
  readonly holder: CertificateHolder;
  reading: CertificateReading;
  /** Wall-clock ms. */
  dueAt: number;
  reader: CertificateReader | null;
};

/**
 * Reads the certificates of held connections anew, once a day while less than 21 days are left: a connection that lives for
 * months would else tell nothing of a renewal, and its alert would be as old as its handshake. A reading that fails changes
 * nothing. One timer for all, and none while nothing is watched.
 */
export class CertificateWatch {
  readonly #context: Omit<RunnerContext, 'watchCertificate'>;
  readonly #watched = new Set<Watched>();
  #timer: Timer | null = null;

  constructor(context: Omit<RunnerContext, 'watchCertificate'>) {
    this.#context = context;
  }

  /** Until it is cancelled, at the end of the connection at the latest; that ends a reading under way, too. */
  watch(holder: CertificateHolder): Timer {
    const { reading } = holder;
    const watched: Watched = { holder, reading, dueAt: readAgainAt(reading, this.#context.random()), reader: null };
    this.#watched.add(watched);
    this.#timer ??= this.#arm();
    return { cancel: () => this.#forget(watched) };
  }

  #forget(watched: Watched): void {
    watched.reader?.stop();
    this.#watched.delete(watched);
    if (this.#watched.size > 0) return;
    this.#timer?.cancel();
    this.#timer = null;
  }

  #arm(): Timer {
    return this.#context.clock.after(LOOK_MS, () => {
      this.#timer = this.#arm();
      this.#look();
    });
  }

  #look(): void {
    const now = this.#context.clock.now();
    for (const watched of this.#watched) if (watched.dueAt <= now) this.#read(watched, now);
  }

  #read(watched: Watched, now: number): void {
    const { clock, emit, random } = this.#context;
    const { peer, remote, settings } = watched.holder;
    watched.dueAt = readAgainAfter(watched.reading, now, random());
    watched.reader?.stop();
    watched.reader = new CertificateReader({
      settings: settings(),
      remote,
      context: this.#context,
      done: (reading) => {
        if (reading === null) return;
        watched.reading = reading;
        watched.dueAt = readAgainAfter(reading, clock.now(), random());
        emit({ type: 'certificateRead', at: reading.readAt, peer: peer(), expiresAt: reading.expiresAt });
      },
    });
    watched.reader.start();
  }
}
