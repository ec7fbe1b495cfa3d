import { execFile } from 'node:child_process';
import { access, mkdir, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type GoModule, goModuleFolder } from '../support/go-module.ts';

const run = promisify(execFile);

/** v0.316.0 is Prometheus 3.x as a Go module. Its go.sum holds the hashes of what it needs. */
const MODULE: GoModule = {
  path: 'github.com/prometheus/prometheus',
  version: 'v0.316.0',
  hash: 'h1:f1GRFerhTMKQma+awCoC9T820ecWeGSdF+xAlMHzZzM=',
};

/** Prometheus 3, which no Debian has that these tests run on. */
export type Prometheus3 = { readonly prometheus: string; readonly promtool: string };

/** What building it takes. */
export const PROMETHEUS_3_NEEDS = ['go'] as const;

/** Long enough for a cold build on two cores that other suites use as well. */
export const PROMETHEUS_3_BUILD_MS = 1_800_000;

/**
 * Builds Prometheus 3 and its promtool with the Go toolchain, without service discovery and without the pages, and resolves
 * with the programs. They are built once for each version and kept in the user's cache; a cold build takes minutes.
 */
export async function buildPrometheus3(): Promise<Prometheus3> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'finrst', `prometheus-${MODULE.version}`);
  const programs = { prometheus: join(folder, 'prometheus'), promtool: join(folder, 'promtool') };
  if ((await isThere(programs.prometheus)) && (await isThere(programs.promtool))) return programs;
  const source = await goModuleFolder(MODULE);
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  // Its go.work names folders that a downloaded module does not have.
  const environment = { ...process.env, GOWORK: 'off' };
  const flags = ['-mod=readonly', '-tags=remove_all_sd', '-trimpath', '-ldflags=-s -w', '-o', unfinished];
  await run('nice', ['go', 'build', ...flags, './cmd/prometheus', './cmd/promtool'], {
    cwd: source,
    env: environment,
    maxBuffer: 1 << 26,
  });
  await rename(unfinished, folder).catch(async (error: unknown) => {
    if (!(await isThere(programs.promtool))) throw error; // else another run has built it meanwhile
  });
  return programs;
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
