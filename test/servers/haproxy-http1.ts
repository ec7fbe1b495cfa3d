import { startHaproxy } from './haproxy-process.ts';
import { portOf } from './server-process.ts';
import { endsAfter, endsAt, IDLE_ROW, once, refused, type ServerRow } from './server-row.ts';
import type { Stage } from './stage.ts';

const SECONDS = IDLE_ROW.limitSeconds;
const LOGIN = { protocol: 'http' };

const impatient = once((stage) => start(stage, `timeout http-keep-alive ${SECONDS}s`));

/** A proxy that answers by itself, and one whose only server is down. */
function start(stage: Stage, timeout: string) {
  return startHaproxy(
    stage,
    2,
    ([web, down]) => `
listen web
  mode http
  bind 127.0.0.1:${web}
  ${timeout}
  http-request return status 204
listen down
  mode http
  bind 127.0.0.1:${down}
  retries 0
  server a 127.0.0.1:1
`,
  );
}

/** What HAProxy does to `protocol: http`. */
export const HAPROXY_HTTP1: readonly ServerRow[] = [
  {
    group: 'haproxy-http1-beats',
    setting: `\`mode http\`, \`timeout http-keep-alive ${SECONDS}s\``,
    deed: '`protocol: http`, heartbeats (HEAD)',
    server: 'answers, keeps the connection',
    settings: { ...LOGIN, ...IDLE_ROW.beats },
    start: async (stage) => ({ port: portOf(await impatient(stage)) }),
    outcome: IDLE_ROW.held,
  },
  {
    group: 'haproxy-http1-silent',
    setting: `\`mode http\`, \`timeout http-keep-alive ${SECONDS}s\``,
    deed: '`protocol: http`, `heartbeat: false`',
    server: 'closes without a word',
    settings: { ...LOGIN, heartbeat: false },
    start: async (stage) => ({ port: portOf(await impatient(stage)) }),
    outcome: endsAfter(SECONDS, 'eof/fin'),
  },
  {
    group: 'haproxy-http1-down',
    setting: '`mode http`, the server behind it refuses, `retries 0`',
    deed: '`protocol: http`',
    server: 'answers `503` by itself, keeps the connection',
    settings: LOGIN,
    start: async (stage) => ({ port: portOf(await impatient(stage), 1) }),
    outcome: refused('protocol/rejected', 'overloaded'),
  },
  {
    group: 'haproxy-http1-reload',
    setting: '`mode http`',
    deed: '`protocol: http`; soft stop (SIGUSR1), as a reload does to the old process',
    server: 'closes without a word',
    settings: LOGIN,
    async start(stage) {
      const server = await start(stage, 'timeout http-keep-alive 1h');
      return { port: portOf(server), act: () => server.signal('SIGUSR1') };
    },
    outcome: endsAt('eof/fin'),
  },
];
