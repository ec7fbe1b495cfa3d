import type { SnapshotOrigin } from '../config/snapshot/snapshot-reader.ts';
import type { WebConfigResult } from '../settings/web-protection.ts';
import type { WebBackend } from '../web/routes/web-backend.ts';
import { createWebServer } from '../web/server/web-server.ts';
import type { DaemonOptions } from './daemon-options.ts';
import type { Part } from './part.ts';

/** Answers that run may end; the rest of the deadline belongs to peers and spans. */
const WEB_STOP_MS = 250;

/** The web server, where one is wanted. */
export function webParts(
  { web, build, clock, readFile, hostName }: DaemonOptions,
  backend: WebBackend,
): readonly Part[] {
  if (web === null) return [];
  const file = web.webConfigFile;
  const load = file === null ? null : () => loadWeb({ file, readFile });
  const server = createWebServer({ settings: web, loadWebConfig: load, functions: backend, build, hostName, clock });
  return [
    {
      name: 'web',
      start: () => server.start(),
      async stop(deadlineMs) {
        await server.stop(deadlineMs);
        return { lost: 0 };
      },
      stopMs: WEB_STOP_MS,
    },
  ];
}

/** The parser and the schemas, 25 MB, come with the first web configuration alone: the main one is checked in a thread. */
async function loadWeb(origin: SnapshotOrigin): Promise<WebConfigResult> {
  const { loadWebConfig } = await import('../config/load-web-config.ts');
  return loadWebConfig(origin);
}
