import { createDaemon as createRealDaemon } from '../../../src/daemon/daemon.ts';
import type { Daemon, DaemonOptions } from '../../../src/daemon/daemon-options.ts';
import { answerBench } from './answer-bench.ts';

/** The daemon, which answers the bench once it has started. */
export function createDaemon(options: DaemonOptions): Daemon {
  const daemon = createRealDaemon(options);
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
