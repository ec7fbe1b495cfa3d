import type { Daemon } from '../daemon/daemon-options.ts';
import type { Sink } from '../events/bus.ts';
import { EXIT } from './command.ts';
import type { Runtime, StopSignal } from './runtime.ts';
import { stopInTime } from './stop-in-time.ts';

type Run = {
  readonly runtime: Runtime;
  readonly daemon: Daemon;
  readonly log: Sink;
  /** Null: until a signal. */
  readonly forMs: number | null;
  readonly stopTimeoutMs: number;
  /** Called when the daemon has started, with the addresses that it listens on. */
  readonly onStarted?: (listening: readonly string[]) => void;
  /** Called when every connection has ended, with the time from the start to then. */
  readonly atEnd: (heldMs: number) => void;
};

/** Runs a daemon that was not started yet until a signal or the end of `forMs`, and resolves with the exit code. */
export async function runUntilSignal(run: Run): Promise<number> {
  const { runtime, daemon, log, forMs, stopTimeoutMs, onStarted, atEnd } = run;
  const { clock, signals } = runtime;
  // Asked for before the first await: a signal during the start must not be lost.
  const stopped = signals.stop();
  const started = await daemon.start();
  if (started.kind === 'failed') {
    runtime.printError(`finrst: could not start: ${started.problem}`);
    return EXIT.failed;
  }
  onStarted?.(started.listening);
  const startedAt = clock.monotonic();
  const why = await signalOrTime(runtime, stopped, forMs);
  const heldMs = clock.monotonic() - startedAt;
  const exitCode = await stopInTime({ runtime, daemon, signal: why, timeoutMs: stopTimeoutMs, log });
  atEnd(heldMs);
  return exitCode;
}

/** Resolves with the signal, or when `forMs` is over where it is given. */
export async function signalOrTime(
  { clock }: Pick<Runtime, 'clock'>,
  stopped: Promise<StopSignal>,
  forMs: number | null,
): Promise<StopSignal | 'end of --for'> {
  if (forMs === null) return stopped;
  return new Promise((resolve) => {
    const timer = clock.after(forMs, () => resolve('end of --for'));
    void stopped.then((signal) => {
      timer.cancel();
      resolve(signal);
    });
  });
}
