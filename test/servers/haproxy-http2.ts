import { startHaproxy } from './haproxy-process.ts';
import { portOf } from './server-process.ts';
import { endsAfter, endsAt, IDLE_ROW, once, type ServerRow } from './server-row.ts';
import type { Stage } from './stage.ts';

const SECONDS = IDLE_ROW.limitSeconds;
const LOGIN = { protocol: 'http2' };

const impatient = once((stage) => start(stage, `timeout http-keep-alive ${SECONDS}s`));

/** A proxy that answers by itself. */
function start(stage: Stage, timeout: string) {
  return startHaproxy(
    stage,
    1,
    ([port]) => `
listen web
  mode http
  bind 127.0.0.1:${port} proto h2
  ${timeout}
  http-request return status 204
`,
  );
}

/** What HAProxy does to `protocol: http2`. */
export const HAPROXY_HTTP2: readonly ServerRow[] = [
  {
    group: 'haproxy-http2-beats',
    setting: `\`proto h2\`, \`timeout http-keep-alive ${SECONDS}s\``,
    deed: '`protocol: http2`, heartbeats (HEAD)',
    server: 'answers, keeps the connection',
    settings: { ...LOGIN, ...IDLE_ROW.beats },
    start: async (stage) => ({ port: portOf(await impatient(stage)) }),
    outcome: IDLE_ROW.held,
  },
  {
    group: 'haproxy-http2-silent',
    setting: `\`proto h2\`, \`timeout http-keep-alive ${SECONDS}s\``,
    deed: '`protocol: http2`, `heartbeat: false`',
    server: 'says GOAWAY NO_ERROR and closes',
    settings: { ...LOGIN, heartbeat: false },
    start: async (stage) => ({ port: portOf(await impatient(stage)) }),
    outcome: endsAfter(SECONDS, 'eof/fin', 'going_away'),
  },
  {
    group: 'haproxy-http2-reload',
    setting: '`proto h2`',
    deed: '`protocol: http2`; soft stop (SIGUSR1), as a reload does to the old process',
    server: 'says GOAWAY NO_ERROR and closes',
    settings: LOGIN,
    async start(stage) {
      const server = await start(stage, 'timeout http-keep-alive 1h');
      return { port: portOf(server), act: () => server.signal('SIGUSR1') };
    },
    outcome: endsAt('eof/fin', 'going_away'),
  },
];
