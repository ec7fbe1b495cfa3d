import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CONFIG = fileURLToPath(new URL('holders/tsconfig.json', import.meta.url));
/** Below the project's folder, so that its packages are found. */
const FOLDER = join(ROOT, '.cache/bench/compiled');

/** What is written in TypeScript, as JavaScript. */
export type Compiled = {
  readonly daemon: string;
  /** `--import` of the daemon. */
  readonly probe: string;
  readonly nodeHolder: string;
};

/**
 * Compiles the daemon as `npm run build` does, and the holders beside it. The image and the tarballs start it so; from its
 * sources a daemon takes 17 MB more, since Node.js loads its remover of types, a compiler of its own.
 */
export function compileHolders(): Compiled {
  mkdirSync(FOLDER, { recursive: true });
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', CONFIG], { stdio: 'inherit' });
  copyFileSync(join(ROOT, 'package.json'), join(FOLDER, 'package.json'));
  return {
    daemon: join(FOLDER, 'src/main.js'),
    probe: join(FOLDER, 'test/bench/holders/finrst-probe.js'),
    nodeHolder: join(FOLDER, 'test/bench/holders/node-holder.js'),
  };
}
