import { registerHooks } from 'node:module';

/** What is put in the place of a module of the program, by that module; it loads the real one itself. */
const INSTEAD: Readonly<Record<string, string>> = {
  'src/daemon/daemon.js': 'answering-daemon.js',
  'src/sinks/metrics/metrics-sink.js': 'stamping-metrics.js',
};

/**
 * Loaded before the daemon itself (`--import`), which runs as its users run it, but that its metrics stamp each end right
 * after they have counted it, and that it answers the bench.
 */
const root = new URL('../../../', import.meta.url);
const instead = new Map(
  Object.entries(INSTEAD).map(([module, name]) => [new URL(module, root).href, new URL(name, import.meta.url).href]),
);
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const url = instead.get(found.url);
    return url === undefined || url === context.parentURL ? found : { ...found, url };
  },
});
