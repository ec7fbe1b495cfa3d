import { fileURLToPath } from 'node:url';

import { buildGrpcServer } from './build-grpc-server.ts';
import { portOf, type ServerProcess } from './server-process.ts';
import { endsAfter, endsAt, IDLE_ROW, once, refused, type RealServer } from './server-row.ts';
import type { Stage } from './stage.ts';

const SECONDS = IDLE_ROW.limitSeconds;
const LOGIN = { protocol: 'grpc' };
const OFTEN = { heartbeat: { interval: '500ms', timeout: '500ms' } };
const HELD = { kind: 'held', seconds: 5 } as const;

/** A server with the health service alone. */
export async function startGrpcServer(stage: Stage, ...flags: readonly string[]): Promise<ServerProcess> {
  const file = await buildGrpcServer();
  return stage.server(1, ([port]) => ({ file, args: ['-address', `127.0.0.1:${port}`, ...flags] }));
}

const plain = once((stage) => startGrpcServer(stage));
const impatient = once((stage) => startGrpcServer(stage, '-max-connection-idle', `${SECONDS}s`));
const secure = once(async (stage) => startGrpcServer(stage, '-certificate', (await stage.certificate()).bothFile));

export const GRPC_GO: RealServer = {
  name: 'grpc-go',
  program: 'go',
  debianPackage: 'golang',
  // It is built from the modules of this folder.
  versionArguments: [
    '-C',
    fileURLToPath(new URL('grpc-server', import.meta.url)),
    'list',
    '-m',
    'google.golang.org/grpc',
  ],
  rows: [
    {
      group: 'grpc-go-beats',
      setting: `\`MaxConnectionIdle\` ${SECONDS} s (default: never)`,
      deed: '`protocol: grpc`, heartbeats (health check)',
      server: 'answers SERVING, keeps the connection',
      settings: { ...LOGIN, ...IDLE_ROW.beats },
      start: async (stage) => ({ port: portOf(await impatient(stage)) }),
      outcome: IDLE_ROW.held,
    },
    {
      group: 'grpc-go-silent',
      setting: `\`MaxConnectionIdle\` ${SECONDS} s`,
      deed: '`protocol: grpc`, `heartbeat: false`',
      server: 'says GOAWAY `max_idle` and closes',
      settings: { ...LOGIN, heartbeat: false },
      start: async (stage) => ({ port: portOf(await impatient(stage)) }),
      outcome: endsAfter(SECONDS, 'eof/fin', 'idle_limit'),
    },
    {
      group: 'grpc-go-max-age',
      setting: `\`MaxConnectionAge\` ${SECONDS} s (default: never)`,
      deed: '`protocol: grpc`, heartbeats',
      server: 'says GOAWAY `max_age` and closes',
      settings: { ...LOGIN, ...OFTEN },
      start: async (stage) => ({ port: portOf(await startGrpcServer(stage, '-max-connection-age', `${SECONDS}s`)) }),
      outcome: endsAt('eof/fin', 'max_age'),
    },
    {
      group: 'grpc-go-often',
      setting: '`KeepaliveEnforcementPolicy` by default (one PING in 5 min)',
      deed: '`protocol: grpc`, a heartbeat every 500 ms',
      server: 'keeps the connection: a health check is no PING',
      settings: { ...LOGIN, ...OFTEN },
      start: async (stage) => ({ port: portOf(await plain(stage)) }),
      outcome: HELD,
    },
    {
      group: 'grpc-go-tls',
      setting: 'TLS',
      deed: '`protocol: grpc`, heartbeats',
      server: 'answers, keeps the connection',
      settings: { ...LOGIN, ...OFTEN },
      async start(stage) {
        const { certFile } = await stage.certificate();
        return { port: portOf(await secure(stage)), settings: { tls: { ca_file: certFile } } };
      },
      outcome: HELD,
    },
    {
      group: 'grpc-go-plain-at-tls',
      setting: 'TLS',
      deed: '`protocol: grpc` without `tls`',
      server: 'closes without a word',
      settings: LOGIN,
      start: async (stage) => ({ port: portOf(await secure(stage)) }),
      outcome: refused('protocol/eof'),
    },
    {
      group: 'grpc-go-not-serving',
      setting: 'the service `down` is NOT_SERVING',
      deed: '`protocol: grpc`, `service: down`, heartbeats',
      server: 'answers NOT_SERVING, keeps the connection',
      settings: { ...LOGIN, ...OFTEN, grpc: { service: 'down' } },
      start: async (stage) => ({ port: portOf(await plain(stage)) }),
      outcome: HELD,
    },
    {
      group: 'grpc-go-unknown-service',
      setting: '',
      deed: '`protocol: grpc`, `service: nobody`, heartbeats',
      server: 'answers NOT_FOUND (5), keeps the connection',
      settings: { ...LOGIN, ...OFTEN, grpc: { service: 'nobody' } },
      start: async (stage) => ({ port: portOf(await plain(stage)) }),
      outcome: HELD,
    },
    {
      group: 'grpc-go-without-health',
      setting: 'no health service',
      deed: '`protocol: grpc`, heartbeats',
      server: 'answers UNIMPLEMENTED (12), keeps the connection',
      settings: { ...LOGIN, ...OFTEN },
      start: async (stage) => ({ port: portOf(await startGrpcServer(stage, '-without-health')) }),
      outcome: HELD,
    },
    {
      group: 'grpc-go-graceful-stop',
      setting: '',
      deed: '`protocol: grpc`; `GracefulStop()`',
      server: 'says GOAWAY `graceful_stop` and closes',
      settings: LOGIN,
      async start(stage) {
        const server = await startGrpcServer(stage);
        return { port: portOf(server), act: () => server.signal('SIGTERM') };
      },
      outcome: endsAt('eof/fin', 'admin_shutdown'),
    },
    {
      group: 'grpc-go-stop',
      setting: '',
      deed: '`protocol: grpc`; `Stop()`',
      server: 'closes without a word',
      settings: LOGIN,
      async start(stage) {
        const server = await startGrpcServer(stage);
        return { port: portOf(server), act: () => server.signal('SIGINT') };
      },
      outcome: endsAt('eof/fin'),
    },
  ],
};
