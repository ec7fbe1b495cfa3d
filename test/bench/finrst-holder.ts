import type { Config } from '../../src/config/config.ts';
import { systemClock } from '../../src/clock/system-clock.ts';
import { createDaemon } from '../../src/daemon/daemon.ts';
import { readWholeFile } from '../../src/files/read-whole-file.ts';
import { DEFAULT_GLOBAL_SETTINGS } from '../../src/settings/global-settings.ts';
import { DEFAULT_PEER_SETTINGS } from '../../src/settings/peer-settings.ts';
import { serveBench, tellEnded } from './holder.ts';

/** The whole daemon, with every default: metrics in full detail, TCP_INFO of each peer every 15 s. Only the log is left out. */
serveBench(async (port, peers) => {
  const reconnect = { initialMs: 3_600_000, maxMs: 3_600_000 };
  const template = {
    ...DEFAULT_PEER_SETTINGS,
    group: 'bench',
    targetLabels: [],
    reconnect,
    heartbeat: null,
    tls: null,
  };
  const staticTargets = Array.from({ length: peers }, (_, i) => ({
    targets: [`127.0.0.1:${port}`],
    labels: { peer: `peer-${i}` },
  }));
  const config: Config = {
    global: { ...DEFAULT_GLOBAL_SETTINGS, maxConnectsPerSecond: 2000 },
    tracing: null,
    groups: [{ name: 'bench', template, sources: [{ kind: 'static', settings: staticTargets }] }],
    warnings: [],
    maskedText: '',
    sha256: '',
  };
  let connected = 0;
  let allConnected = (): void => {};
  const holding = new Promise<void>((resolve) => (allConnected = resolve));
  const daemon = createDaemon({
    config,
    load: async () => ({ kind: 'loaded', config }),
    readFile: readWholeFile,
    clock: systemClock,
    random: Math.random,
    build: { version: 'bench', revision: '', nodeVersion: process.versions.node },
    platform: process.platform,
    env: {},
    // The metrics sink comes before this one: when it hears of an end, the end has been counted.
    sinks: {
      bench: {
        connection(event) {
          if (event.type === 'connected' && ++connected === peers) allConnected();
          if (event.type === 'disconnected') tellEnded(event.local.port);
        },
      },
    },
    web: {
      listenAddresses: ['127.0.0.1:0'],
      webConfigFile: null,
      telemetryPath: '/metrics',
      externalUrl: null,
      routePrefix: '/',
      enableLifecycle: false,
    },
  });
  const started = await daemon.start();
  if (started.kind === 'failed') throw new Error(started.problem);
  const [address] = started.listening;
  await holding;
  return `http://${address}/metrics`;
});
