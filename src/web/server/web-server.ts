import { createServer as createHttpServer, type Server, type ServerOptions } from 'node:http';
import { Server as TlsServer } from 'node:tls';
import { createWarn, type Warn } from '../../domain/events/create-warn.ts';
import { OPEN_WEB, type WebConfig, type WebConfigResult } from '../../settings/web-protection.ts';
import { listen } from './listen.ts';
import { createPasswordCheck } from './password-check.ts';
import { createTlsServer, secureContext, tlsProblem } from './tls-listener.ts';
import { watchWebConfig, type WatchedWebConfig } from './watched-web-config.ts';
import { WebConnections } from './web-connections.ts';
import { createWebApp } from '../routes/web-app.ts';
import { EventStreams } from '../stream/event-streams.ts';
import type { Clock } from '../../clock/clock.ts';
import type { WebBackend } from '../routes/web-backend.ts';
import type { StartResult } from '../../settings/start-result.ts';
import type { WebSettings } from '../../settings/web-settings.ts';

export type WebServerOptions = {
  readonly settings: WebSettings;
  /** Reads the exporter-toolkit file; null: none is configured. */
  readonly loadWebConfig: (() => Promise<WebConfigResult>) | null;
  readonly functions: WebBackend;
  readonly build: { readonly version: string; readonly revision: string };
  /** What the pages call this process. */
  readonly hostName: string;
  readonly clock: Clock;
};

export type WebServer = {
  /**
   * Opens every listen address. `started` names them, with the port that was taken in place of 0. `failed`: the problem
   * names the address or the file and the reason; nothing is left open.
   */
  start(): Promise<StartResult>;
  /** Takes no more connections, ends streams at once, lets running answers end, and cuts what is left after the deadline. */
  stop(deadlineMs: number): Promise<void>;
};

/**
 * Descriptors that the web server may use, over all addresses together: the reserve that holding peers must leave.
 * Scrapers, people and probes are a dozen.
 */
export const WEB_CONNECTIONS = 128;

/** What a client may cost: a connection that sends nothing, or sends too slowly, is closed after 15 to 20 s. */
const LIMITS: ServerOptions = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 5000,
  // Longer than the usual scrape interval of a minute, so that a scraper keeps its connection.
  keepAliveTimeout: 75_000,
};

/** The web server of the contract's section 4. */
export function createWebServer(options: WebServerOptions): WebServer {
  const passwords = createPasswordCheck();
  const connections = new WebConnections({ most: WEB_CONNECTIONS, clock: options.clock });
  const { functions, clock } = options;
  const streams = new EventStreams({ clock, feed: functions.feed, publish: functions.publish });
  const servers: Server[] = [];
  let watched: WatchedWebConfig = { current: () => OPEN_WEB, stop: () => undefined };
  return {
    async start() {
      const opened = await openWebConfig(options, servers);
      if (opened.kind === 'failed') return opened;
      watched = opened.watched;
      const app = createWebApp({ ...options, passwords, streams, webConfig: () => watched.current() });
      const listening: string[] = [];
      for (const address of options.settings.listenAddresses) {
        const bound = await listen(address, () => {
          const server = createServer(watched);
          connections.serve(server, app);
          return server;
        });
        if (bound.kind === 'failed') {
          watched.stop();
          await close(servers, options.clock, 0);
          return bound;
        }
        for (const server of bound.servers) {
          server.on('error', ({ message }) =>
            warnOf(options)('error', 'web server failed', { address, error: message }),
          );
        }
        servers.push(...bound.servers);
        listening.push(bound.address);
      }
      return { kind: 'started', listening };
    },
    async stop(deadlineMs) {
      watched.stop();
      streams.stop();
      await close(servers, options.clock, deadlineMs);
      await passwords.stop();
    },
  };
}

type Failed = Extract<StartResult, { kind: 'failed' }>;
type OpenedConfig = { readonly kind: 'opened'; readonly watched: WatchedWebConfig } | Failed;

async function openWebConfig(options: WebServerOptions, servers: readonly Server[]): Promise<OpenedConfig> {
  const { loadWebConfig, clock } = options;
  if (loadWebConfig === null) return { kind: 'opened', watched: { current: () => OPEN_WEB, stop: () => undefined } };
  const load = async () => withUsableTls(await loadWebConfig());
  const loaded = await load();
  if (loaded.kind === 'invalid') return { kind: 'failed', problem: loaded.problems.join('\n') };
  for (const warning of loaded.warnings) warnOf(options)('warn', warning);
  const first = loaded.web;
  const watched = watchWebConfig({
    clock,
    load,
    first,
    onChange: (config) => followConfig({ config, first, servers }, options),
    onInvalid: (problems) => {
      for (const problem of problems) warnOf(options)('error', 'web configuration not reloaded', { problem });
    },
  });
  return { kind: 'opened', watched };
}

/** Keys and certificates can be in order and still be refused by OpenSSL, a key that is too short for one. */
function withUsableTls(result: WebConfigResult): WebConfigResult {
  if (result.kind === 'invalid' || result.web.tls === null) return result;
  const problem = tlsProblem(result.web.tls);
  return problem === null
    ? result
    : { kind: 'invalid', problems: [`web configuration: tls_server_config: ${problem}`] };
}

type Following = { readonly config: WebConfig; readonly first: WebConfig; readonly servers: readonly Server[] };

function followConfig({ config, first, servers }: Following, options: WebServerOptions): void {
  if (
    (config.tls === null) !== (first.tls === null) ||
    (config.tls?.clientAuth === 'NoClientCert') !== (first.tls?.clientAuth === 'NoClientCert')
  ) {
    warnOf(options)('error', 'turning TLS or client certificates on or off needs a restart');
  }
  if (config.tls === null) return;
  for (const server of servers) if (server instanceof TlsServer) server.setSecureContext(secureContext(config.tls));
}

function createServer(watched: WatchedWebConfig): Server {
  const { tls } = watched.current();
  if (tls === null) return createHttpServer(LIMITS);
  return createTlsServer(tls, { options: LIMITS, current: () => watched.current().tls ?? tls });
}

async function close(servers: Server[], clock: Clock, deadlineMs: number): Promise<void> {
  const closing = servers.splice(0);
  const late = Promise.withResolvers<void>();
  const cut = clock.after(deadlineMs, () => {
    for (const server of closing) server.closeAllConnections();
    late.resolve(); // a socket in its TLS handshake is not among them, and would hold us for ten seconds
  });
  const closed = Promise.all(
    closing.map((server) => new Promise<void>((resolve) => void server.close(() => resolve()))),
  );
  await Promise.race([closed, late.promise]);
  cut.cancel();
}

function warnOf({ functions, clock }: WebServerOptions): Warn {
  return createWarn(functions.publish, clock);
}
