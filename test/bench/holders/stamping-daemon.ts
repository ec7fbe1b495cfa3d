import { createDaemon as createRealDaemon } from '../../../src/daemon/daemon.ts';
import type { Daemon, DaemonOptions } from '../../../src/daemon/daemon-options.ts';
import { answerBench, stampEnd } from './answer-bench.ts';

/** The daemon, with a sink that stamps ends. The metrics come before it: an end that it hears of has been counted. */
export function createDaemon(options: DaemonOptions): Daemon {
  const stamps = {
    connection(event: Parameters<NonNullable<DaemonOptions['sinks'][string]['connection']>>[0]) {
      if (event.type === 'disconnected') stampEnd(event.remote.address, event.local.port, event.reason);
    },
  };
  const daemon = createRealDaemon({ ...options, sinks: { stamps, ...options.sinks } });
  return {
    reload: (trigger) => daemon.reload(trigger),
    handOver: (signal) => daemon.handOver(signal),
    stop: (signal, timeoutMs) => daemon.stop(signal, timeoutMs),
    async start() {
      const started = await daemon.start();
      if (started.kind === 'started') answerBench([`http://${started.listening[0]}/metrics`]);
      return started;
    },
  };
}
