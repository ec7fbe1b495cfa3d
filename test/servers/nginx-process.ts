import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ServerProcess } from './server-process.ts';
import type { Stage } from './stage.ts';

/** Debian ships stream as a module; other builds have it inside. */
const STREAM_MODULE = '/usr/lib/nginx/modules/ngx_stream_module.so';

/** Starts nginx in a folder of its own, with these blocks of configuration for so many free ports. */
export async function startNginx(
  stage: Stage,
  ports: number,
  blocks: (ports: readonly number[]) => string,
): Promise<ServerProcess> {
  const folder = await stage.folder();
  return stage.server(ports, async (free) => {
    const file = join(folder, 'nginx.conf');
    await writeFile(file, `${preamble(folder)}\n${blocks(free)}\n`);
    return { file: 'nginx', args: ['-p', folder, '-c', file] };
  });
}

function preamble(folder: string): string {
  const root = process.getuid?.() === 0;
  return [
    existsSync(STREAM_MODULE) ? `load_module ${STREAM_MODULE};` : '',
    root ? 'user root;' : '',
    `daemon off; worker_processes 1; pid ${join(folder, 'pid')}; error_log stderr;`,
    'worker_shutdown_timeout 1s;',
    'events {}',
  ].join('\n');
}

/** An `http` block whose scratch folders are the test's own. */
export function httpBlock(servers: string): string {
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`);
  return `http { access_log off; ${folders.join(' ')} ${servers} }`;
}
