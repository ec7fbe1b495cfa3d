import { Agent, get } from 'node:http';

export type Scrape = { readonly wallMs: number; readonly bytes: number };

/** Scrapes once and throws the text away: what a parser costs is not measured. Rejects where the answer is not 200. */
export function scrape(url: string, encoding: 'identity' | 'gzip', agent?: Agent): Promise<Scrape> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const headers = { 'accept-encoding': encoding };
    get(url, { headers, ...(agent === undefined ? {} : { agent }) }, (response) => {
      let bytes = 0;
      if (response.statusCode !== 200) reject(new Error(`${url}: ${response.statusCode}`));
      response.on('data', ({ length }: Buffer) => (bytes += length));
      response.on('end', () => resolve({ wallMs: performance.now() - startedAt, bytes }));
      response.on('error', reject);
    }).on('error', reject);
  });
}

/** Asks again and again until it is stopped: scrapes back to back, or one question every so many milliseconds. */
export class Asking {
  readonly #walls: number[] = [];
  readonly #finished: Promise<void>;
  #isStopped = false;

  constructor(url: string, pauseMs: number) {
    this.#finished = this.#ask(url, pauseMs);
  }

  /** Resolves with how long each answer took, in milliseconds. */
  async stop(): Promise<readonly number[]> {
    this.#isStopped = true;
    await this.#finished;
    return this.#walls;
  }

  async #ask(url: string, pauseMs: number): Promise<void> {
    const agent = new Agent({ keepAlive: true });
    while (!this.#isStopped) {
      this.#walls.push((await scrape(url, 'identity', agent)).wallMs);
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    agent.destroy();
  }
}
