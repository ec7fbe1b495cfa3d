import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

type Launcher = { readonly oldest: string; readonly isNewEnough: (version: string) => boolean };
const { oldest, isNewEnough } = createRequire(import.meta.url)('./scripts/launch.cjs') as Launcher;
if (!isNewEnough(process.versions.node)) {
  // Hundreds of tests would fail without saying why.
  process.stderr.write(
    `The tests need Node.js ${oldest} or newer, this is ${process.versions.node}. Use: npm test -- FILE\n`,
  );
  process.exit(2);
}

/** What a newcomer runs: no root, no other program. */
const plain = (name: string, testTimeout = 15_000, more: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: testTimeout, execArgv, ...more },
});
/** node:v8 queryObjects, which counts what a test leaves behind, warns that it is experimental. */
const execArgv = ['--disable-warning=ExperimentalWarning'];
/** Files share one module registry per worker: to import them anew for each file costs four times the tests themselves. */
const shareModules = { isolate: false };
/** Each process that a test starts strips and compiles all of src/: that is read from here the second time. */
const compileOnce = { env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('.cache/compiled', import.meta.url)) } };

/** One file at a time: these own ports, namespaces or both cores, and measure time. */
const alone = (name: string, testTimeout: number, more: object = {}) =>
  plain(name, testTimeout, { fileParallelism: false, execArgv: [], ...more });

const oneCluster = { globalSetup: 'test/kubernetes/cluster/global-setup.ts' };

export default defineConfig({
  test: {
    globalSetup: 'test/support/say-what-was-left-out.ts',
    // Most files wait for sockets or child processes: one worker, which is what two cores get by default, idles half the time.
    maxWorkers: 2,
    // A cluster's folder has the files of all its containers.
    teardownTimeout: 180_000,
    projects: [
      plain('unit', 15_000, shareModules),
      plain('socket'),
      plain('contract', 30_000, shareModules),
      plain('e2e', 60_000, compileOnce),
      alone('servers', 120_000),
      alone('lab', 900_000),
      alone('observe', 300_000),
      alone('spans', 240_000),
      alone('deploy', 300_000),
      alone('grafana', 300_000),
      alone('pages', 60_000),
      alone('attack', 180_000),
      alone('shards', 500_000),
      plain('simulated', 600_000),
      alone('parity', 60_000),
      alone('bare', 600_000),
      // Mostly they wait for the cluster. Those that end its API server come one by one, by themselves.
      plain('kubernetes', 600_000, {
        include: ['test/kubernetes/*.test.ts'],
        maxWorkers: 3,
        sequence: { groupOrder: 1 },
        ...oneCluster,
      }),
      alone('kubernetes/api-server', 600_000, oneCluster),
    ],
  },
});
