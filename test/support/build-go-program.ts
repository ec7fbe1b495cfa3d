import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, readFile, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Builds the program whose `go.mod`, `go.sum` and `main.go` are in `source` with the Go toolchain and resolves with its
 * path. It is built once for each content of its sources and kept in the user's cache under `name`.
 */
export async function buildGoProgram(name: string, source: URL): Promise<string> {
  const sourceFolder = fileURLToPath(source);
  const sources = await Promise.all(['go.mod', 'go.sum', 'main.go'].map((file) => readFile(join(sourceFolder, file))));
  const content = createHash('sha256').update(Buffer.concat(sources)).digest('hex').slice(0, 16);
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'finrst', `${name}-${content}`);
  const program = join(folder, name);
  const there = await access(program).then(
    () => true,
    () => false,
  );
  if (there) return program;
  await mkdir(folder, { recursive: true });
  const unfinished = `${program}.${randomUUID()}`;
  const flags = ['-mod=readonly', '-trimpath', '-ldflags=-s -w'];
  await run('go', ['build', ...flags, '-o', unfinished, '.'], { cwd: sourceFolder, maxBuffer: 1 << 26 });
  await rename(unfinished, program);
  return program;
}
