import type { Link } from '../link/link.ts';

type Close = Link['close'];

/** Connections that are closed in order and still drain. */
export class ClosingConnections {
  readonly #open = new Set<Close>();

  /** Closes one; nobody waits for it. */
  close(close: Close, drainMs: number): void {
    this.#open.add(close);
    close(drainMs, () => this.#open.delete(close));
  }

  /** Resolves when the last descriptor is released, at most `drainMs` later. */
  async finish(drainMs: number): Promise<void> {
    await Promise.all([...this.#open].map((close) => new Promise<void>((resolve) => close(drainMs, resolve))));
  }
}
