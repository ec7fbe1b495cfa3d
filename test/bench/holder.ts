/** What the bench asks of a process that holds peers, over its IPC channel, and what it answers. */
export type HolderRequest =
  | { readonly ask: 'hold'; readonly port: number; readonly peers: number }
  | { readonly ask: 'usage' }
  /** From now on, how long is the event loop held at most? */
  | { readonly ask: 'watchLoop' };

export type HolderAnswer =
  | { readonly answer: 'ready' }
  | { readonly answer: 'holding'; readonly scrapeUrl: string }
  | {
      readonly answer: 'usage';
      readonly rssBytes: number /** Before and after the collection of garbage that steadies the memory figure. */;
      readonly cpuBeforeMicros: number;
      readonly cpuAfterMicros: number;
      readonly longestBlockMs: number;
    }
  /** Monotonic nanoseconds (the machine's, comparable between processes) at which each end had been counted, by local port. */
  | { readonly answer: 'ended'; readonly localPort: number; readonly atNanos: string };

/** Serves the requests of the bench; `hold` is what makes one holder different from another. */
export function serveBench(hold: (port: number, peers: number) => Promise<string>): void {
  const answer = (message: HolderAnswer): void => void process.send?.(message);
  let longestBlockMs = 0;
  const watchLoop = (): void => {
    longestBlockMs = 0;
    let before = performance.now();
    // Each turn of the loop runs one immediate: the longest time between two is the longest block.
    const turn = (): void => {
      const now = performance.now();
      longestBlockMs = Math.max(longestBlockMs, now - before);
      before = now;
      if (watching) setImmediate(turn);
    };
    watching = true;
    setImmediate(turn);
  };
  let watching = false;
  process.on('message', (request: HolderRequest) => {
    if (request.ask === 'hold') {
      void hold(request.port, request.peers).then((scrapeUrl) => answer({ answer: 'holding', scrapeUrl }));
    } else if (request.ask === 'watchLoop') watchLoop();
    else {
      watching = false;
      const cpuBeforeMicros = cpuMicros();
      (globalThis as { gc?: () => void }).gc?.();
      answer({
        answer: 'usage',
        rssBytes: process.memoryUsage().rss,
        cpuBeforeMicros,
        cpuAfterMicros: cpuMicros(),
        longestBlockMs,
      });
    }
  });
  process.on('disconnect', () => process.exit());
  answer({ answer: 'ready' });
}

/** Tells the bench that the end of the connection with this local port has been counted. */
export function tellEnded(localPort: number): void {
  process.send?.({ answer: 'ended', localPort, atNanos: String(process.hrtime.bigint()) } satisfies HolderAnswer);
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
