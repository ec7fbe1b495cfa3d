import { registerHooks } from 'node:module';

/**
 * Loaded before the daemon itself (`--import`), which runs as its users run it. The daemon that `main.ts` creates gets one
 * more sink, which keeps the moment at which each end has been counted. The launcher in front of it is left alone.
 */
if (process.argv[1]?.endsWith('/main.ts') === true) {
  const root = new URL('../../../', import.meta.url);
  const daemon = new URL('src/daemon/daemon.ts', root).href;
  const main = new URL('src/main.ts', root).href;
  const stamping = new URL('stamping-daemon.ts', import.meta.url).href;
  registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context);
      return found.url === daemon && context.parentURL === main ? { ...found, url: stamping } : found;
    },
  });
}
