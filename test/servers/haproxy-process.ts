import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ServerProcess } from './server-process.ts';
import type { Stage } from './stage.ts';

/** Long where a row is not about a limit, so that only the limit it is about can run out. */
const DEFAULTS = `
global
  hard-stop-after 1s
defaults
  mode tcp
  timeout connect 1s
  timeout client 1h
  timeout server 1h
`;

/** Starts HAProxy with these sections of configuration for so many free ports. */
export async function startHaproxy(
  stage: Stage,
  ports: number,
  rest: (ports: readonly number[]) => string,
): Promise<ServerProcess> {
  const folder = await stage.folder();
  return stage.server(ports, async (free) => {
    const file = join(folder, 'haproxy.cfg');
    await writeFile(file, `${DEFAULTS}${rest(free)}\n`);
    return { file: 'haproxy', args: ['-db', '-f', file], lastPort: ports - 1 };
  });
}
