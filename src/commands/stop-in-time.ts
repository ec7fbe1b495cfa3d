import { createWarn } from '../domain/events/create-warn.ts';
import type { Sink } from '../events/bus.ts';
import type { Daemon } from '../daemon/daemon-options.ts';
import { EXIT } from './command.ts';
import type { Runtime, StopSignal } from './runtime.ts';

/** The daemon keeps the deadline by itself; this much later something is stuck, and waiting would break the promise. */
const GRACE_MS = 250;

type Stop = {
  readonly runtime: Runtime;
  readonly daemon: Daemon;
  readonly signal: StopSignal | 'end of --for';
  readonly timeoutMs: number;
  readonly log: Sink;
};

/**
 * Stops the daemon and resolves with the exit code: 0, or 1 where it was still not done after its deadline, which counts from
 * when its connections may be closed.
 */
export async function stopInTime({ runtime, daemon, signal, timeoutMs, log }: Stop): Promise<number> {
  const { clock } = runtime;
  await daemon.handOver(signal);
  return new Promise((resolve, reject) => {
    const alarm = clock.after(timeoutMs + GRACE_MS, () => {
      const message = 'the shutdown took longer than --shutdown.timeout; exiting with connections still open';
      createWarn((event) => log.process?.(event), clock)('error', message);
      resolve(EXIT.failed);
    });
    daemon.stop(signal, timeoutMs).then(() => {
      alarm.cancel();
      resolve(EXIT.ok);
    }, reject);
  });
}
