import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Router } from 'express';
import type { ExpositionFormat } from '../../settings/exposition-format.ts';
import type { WebConfig } from '../../settings/web-protection.ts';
import { apiRoutes, streamRoute } from './api-routes.ts';
import { basicAuth } from '../server/basic-auth.ts';
import { pageRoutes } from './page-routes.ts';
import type { PasswordCheck } from '../server/password-check.ts';
import { reloadHandler } from './reload-handler.ts';
import { createScrapeHandler } from './scrape-handler.ts';
import { sendLong } from './send-long.ts';
import { Places, withPlace } from '../server/places.ts';
import { textPieces } from '../server/text-pieces.ts';
import { TurnSlices } from '../../clock/turn-slices.ts';
import { TokenBucket } from '../../clock/token-bucket.ts';
import type { Clock } from '../../clock/clock.ts';
import { openApiDocument } from '../openapi/openapi-document.ts';
import type { EventStreams } from '../stream/event-streams.ts';
import type { WebBackend } from './web-backend.ts';
import type { WebSettings } from '../../settings/web-settings.ts';

export type WebAppOptions = {
  readonly settings: WebSettings;
  readonly functions: WebBackend;
  readonly build: { readonly version: string; readonly revision: string };
  /** What the pages call this process. */
  readonly hostName: string;
  readonly clock: Clock;
  readonly passwords: PasswordCheck;
  readonly streams: EventStreams;
  /** The web configuration as it is now. */
  readonly webConfig: () => WebConfig;
};

/** JSON and pages together; scrapes have places of their own, health endpoints and reloads need none. A browser opens six. */
const MOST_AT_ONCE = 8;

/** Every route of the contract, under the route prefix. */
export function createWebApp(options: WebAppOptions): Express {
  const { settings, webConfig, passwords, clock } = options;
  const prefix = normalPath(settings.routePrefix);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('case sensitive routing', true);
  app.set('query parser', false);
  const open = new Set([`${prefix}/-/healthy`, `${prefix}/-/ready`]);
  app.use(commonHeaders(webConfig));
  app.use(boundedBody);
  app.use(rateLimit({ webConfig, clock, open }));
  app.use(basicAuth({ users: () => webConfig().users, passwords, open }));
  if (prefix !== '') app.get('/', (_request, response) => response.redirect(302, `${prefix}/`));
  app.use(prefix === '' ? '/' : prefix, routes(options, prefix));
  app.use((_request, response) => void response.status(404).type('text/plain').send('404 page not found\n'));
  app.use(failure(options.functions.publish, clock));
  return app;
}

function routes(options: WebAppOptions, prefix: string): Router {
  const { settings, functions, build, hostName, clock } = options;
  const router = express.Router({ caseSensitive: true, strict: true });
  const read = (path: string, handler: RequestHandler): void => {
    router.get(path, handler);
    router.all(path, notAllowed('GET, HEAD'));
  };
  const places = new Places(MOST_AT_ONCE);
  const readInPlace = (path: string, handler: RequestHandler): void => read(path, withPlace(places, handler));
  const slices = new TurnSlices(clock);
  const metricsPath = normalPath(settings.telemetryPath) || '/';
  const render = (format: ExpositionFormat) => functions.render(format, slices.pace('scrape'));
  read(metricsPath, createScrapeHandler({ clock, render, publish: functions.publish }));
  read('/-/healthy', (_request, response) => text(response, 200, 'Finrst is healthy.\n'));
  read('/-/ready', (_request, response) => {
    const reason = functions.notReady();
    text(response, reason === null ? 200 : 503, reason === null ? 'Finrst is ready.\n' : `${reason}\n`);
  });
  const reload = reloadHandler({
    enabled: settings.enableLifecycle,
    externalUrl: settings.externalUrl,
    reload: functions.reload,
    clock,
  });
  router.post('/-/reload', reload);
  router.put('/-/reload', reload);
  router.all('/-/reload', notAllowed('POST, PUT'));
  readInPlace('/config', async (request, response) => {
    const pieces = textPieces(functions.configText(), slices.pace('other'));
    await sendLong(request, response.type('text/yaml'), { pieces, clock });
  });
  apiRoutes({ ...functions, read: readInPlace, clock, slices });
  streamRoute({ read, slices, streams: options.streams });
  const links = { prefix: externalPrefix(settings, prefix), metricsPath };
  const openApi = openApiDocument({ ...build, ...links });
  readInPlace('/api/v1/openapi.json', (_request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    response.json(openApi);
  });
  const pages = { ...functions, ...links, clock, slices, version: build.version, hostName, startedAt: clock.now() };
  // Where the metrics have the root, the page of all peers is nowhere.
  const hasRoot = metricsPath !== '/';
  pageRoutes({ ...pages, read: (path, handler) => void ((path !== '/' || hasRoot) && readInPlace(path, handler)) });
  return router;
}

/** Links are written as the user's browser sees us: behind a proxy that is the path of the external URL. */
function externalPrefix(settings: WebSettings, prefix: string): string {
  const url = settings.externalUrl === null ? null : URL.parse(settings.externalUrl);
  return url === null ? prefix : normalPath(url.pathname);
}

/** `/a/b` for `a/b`, `/a/b/` and so on; empty for `/`. */
function normalPath(path: string): string {
  const inner = path.replace(/^\/+|\/+$/g, '');
  return inner === '' ? '' : `/${inner}`;
}

function text(response: Parameters<RequestHandler>[1], status: number, body: string): void {
  response.status(status).setHeader('Cache-Control', 'no-store');
  response.type('text/plain').send(body);
}

function notAllowed(allow: string): RequestHandler {
  return (_request, response) => {
    response.setHeader('Allow', allow);
    text(response, 405, `method not allowed: use ${allow}\n`);
  };
}

function commonHeaders(webConfig: () => WebConfig): RequestHandler {
  return (_request, response, next) => {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    for (const [name, value] of Object.entries(webConfig().headers)) response.setHeader(name, value);
    next();
  };
}

/** No request of ours needs a body; what a client sends all the same is read and dropped up to here. */
const LONGEST_BODY_BYTES = 64 * 1024;

const boundedBody: RequestHandler = (request, response, next) => {
  const tooLong = Number(request.headers['content-length'] ?? 0) > LONGEST_BODY_BYTES;
  if (!tooLong && request.headers['transfer-encoding'] === undefined) {
    next();
    return;
  }
  response.setHeader('Connection', 'close');
  text(
    response,
    tooLong ? 413 : 411,
    tooLong ? 'request body too large\n' : 'a request with a body needs a Content-Length\n',
  );
};

type RateLimitOptions = Pick<WebAppOptions, 'webConfig' | 'clock'> & { readonly open: ReadonlySet<string> };

/**
 * The bucket of the web configuration; a configuration that changed begins with a full one. Probes take no token: a busy
 * scraper must not get us restarted.
 */
function rateLimit({ webConfig, clock, open }: RateLimitOptions): RequestHandler {
  let limit: WebConfig['rateLimit'] = null;
  let bucket: TokenBucket | null = null;
  return (request, response, next) => {
    const wanted = webConfig().rateLimit;
    if (wanted !== limit) {
      limit = wanted;
      bucket = wanted === null ? null : new TokenBucket(clock, wanted);
    }
    if (bucket === null || open.has(request.path) || bucket.take()) next();
    else text(response, 429, 'too many requests\n');
  };
}

/** A request that cannot be read is the client's fault and gets a 400; anything else is ours, a 500 and a line of the log. */
function failure(publish: WebBackend['publish'], clock: Clock): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  // oxlint-disable-next-line max-params
  return (error: unknown, request, response, _next) => {
    const status = statusOf(error);
    if (status >= 500) {
      const message = error instanceof Error ? error.message : String(error);
      publish({
        type: 'warned',
        at: clock.now(),
        level: 'error',
        message: 'web request failed',
        fields: { path: request.path, error: message },
      });
    }
    if (response.headersSent) response.destroy();
    else text(response, status, status >= 500 ? '500 internal error\n' : '400 bad request\n');
  };
}

function statusOf(error: unknown): number {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  return status === 400 ? 400 : 500;
}
