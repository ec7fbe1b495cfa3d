import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../support/find-program.ts';
import { type Compiled, compileHolders } from './compiled.ts';

const SOURCES = fileURLToPath(new URL('native', import.meta.url));
const GO_SOURCES = fileURLToPath(new URL('go-holder', import.meta.url));
const BUILT = fileURLToPath(new URL('../../.cache/bench', import.meta.url));

/** Compiled programs, by path. Null: its toolchain is not on this machine. */
export type Native = Compiled & {
  readonly server: string;
  readonly floor: string;
  readonly turnMonitor: string;
  readonly go: string | null;
  readonly blackbox: string | null;
  /** What is not there, by name. */
  readonly missing: readonly string[];
};

/**
 * Builds all programs of the bench. Without a C compiler there are no peers that keep up with the holders, so that is an
 * error; Go and blackbox_exporter are columns less. A cold build of the Go program takes a minute.
 */
export function buildNative(wanted: { readonly go: boolean; readonly blackbox: boolean }): Native {
  mkdirSync(BUILT, { recursive: true });
  const cc = firstOf(['cc', 'gcc', 'clang']);
  if (cc === null) throw new Error('the bench needs a C compiler (cc) for its peers: on Debian, gcc and libc6-dev');
  const go = wanted.go ? findProgram('go') : null;
  const blackbox = wanted.blackbox ? firstOf(['prometheus-blackbox-exporter', 'blackbox_exporter']) : null;
  const compile = (name: string, output: string, flags: readonly string[] = []): string => {
    const path = join(BUILT, output);
    execFileSync(cc, ['-O2', '-Wall', '-Wextra', ...flags, '-o', path, join(SOURCES, name)], { stdio: 'inherit' });
    return path;
  };
  return {
    ...compileHolders(),
    server: compile('server.c', 'server'),
    floor: compile('floor.c', 'floor'),
    // It stays mapped to the end: the event loop calls into it until then.
    turnMonitor: compile('turn-monitor.c', 'turn-monitor.so', ['-shared', '-fPIC', '-Wl,-z,nodelete']),
    go: go === null ? null : buildGo(go),
    blackbox,
    missing: [
      ...(wanted.go && go === null ? ['go (the Go holder)'] : []),
      ...(wanted.blackbox && blackbox === null ? ['blackbox_exporter (Debian: prometheus-blackbox-exporter)'] : []),
    ],
  };
}

function buildGo(go: string): string {
  const path = join(BUILT, 'go-holder');
  execFileSync(go, ['build', '-mod=readonly', '-o', path, '.'], { cwd: GO_SOURCES, stdio: 'inherit' });
  return path;
}

/** The first of these that is installed. */
function firstOf(names: readonly string[]): string | null {
  return names.map(findProgram).find((path) => path !== null) ?? null;
}
