import { formatProblem } from '../config/config-problem.ts';
import { watchConfig, type ConfigWatcher } from '../config/watch/config-watcher.ts';
import { loadConfig } from '../config/load-config.ts';
import { loadWebConfig } from '../config/load-web-config.ts';
import { createWarn } from '../domain/events/create-warn.ts';
import type { Sink } from '../events/bus.ts';
import { createLog } from '../daemon/create-log.ts';
import type { Daemon } from '../daemon/daemon-options.ts';
import type { WebSettings } from '../settings/web-settings.ts';
import { check } from './check.ts';
import { EXIT, command } from './command.ts';
import type { FlagValues } from './flags/parse-flags.ts';
import type { Runtime } from './runtime.ts';
import { SERVE_FLAGS } from './flags/serve-flags.ts';
import { stopInTime } from './stop-in-time.ts';
import { parseListenAddress } from '../text/listen-address.ts';

type ServeValues = FlagValues<typeof SERVE_FLAGS>;

/** The daemon: holds the peers of the configuration until a signal ends it. Exit 0 clean, 1 runtime failure, 2 misuse. */
export const serve = command({
  name: 'serve',
  usage: 'finrst [serve] [flags]',
  summary: 'run the daemon',
  about: [
    'Holds the configured connections, and serves what became of them on /metrics. The log goes to stderr.',
    'SIGHUP reads the configuration again; SIGTERM and SIGINT close every connection in order (a second one exits at once).',
  ].join('\n'),
  flags: SERVE_FLAGS,
  examples: ['finrst --config.file=/etc/finrst/finrst.yml', 'finrst --config.file=finrst.yml --config.check'],
  operands: 0,
  async run(runtime, values) {
    const problem = usageProblem(values);
    if (problem !== null) {
      runtime.printError(`finrst serve: ${problem}`);
      return EXIT.misused;
    }
    if (values['config.check']) return checkOnly(runtime, values);
    // The watcher takes what is there now for loaded, so it comes before the first load.
    const changed = createChangeNotice(values, runtime);
    const load = () => {
      changed.watcher.markLoaded();
      return loadConfig(values['config.file'], { openFileLimit: runtime.openFileLimit });
    };
    const loaded = load();
    const problems = [
      ...(loaded.kind === 'invalid' ? loaded.problems.map(formatProblem) : []),
      ...webConfigProblems(values),
    ];
    if (loaded.kind === 'invalid' || problems.length > 0) {
      changed.watcher.stop();
      for (const problem of problems) runtime.printError(problem);
      return EXIT.misused;
    }
    const { config } = loaded;
    const log = createLog({
      level: values['log.level'],
      format: values['log.format'],
      clock: runtime.clock,
      output: runtime.stderr,
    });
    const daemon = runtime.createDaemon({
      config,
      load,
      clock: runtime.clock,
      random: runtime.random,
      build: runtime.build,
      sinks: { log },
      web: webSettings(values),
      eventsFile: values['events.file'],
    });
    return runUntilStopped({ runtime, values, log, daemon, changed });
  },
});

/** `--config.check`: prints what is wrong with any file that is named, and exits 0 or 1. */
function checkOnly(runtime: Runtime, values: ServeValues): number {
  const problems = webConfigProblems(values);
  for (const problem of problems) runtime.printError(problem);
  const { print: out, printError: err, openFileLimit } = runtime;
  const exitCode = check([values['config.file']], { out, err, openFileLimit });
  return problems.length > 0 ? EXIT.failed : exitCode;
}

function webConfigProblems(values: ServeValues): readonly string[] {
  const file = values['web.config.file'];
  if (file === null) return [];
  const result = loadWebConfig(file);
  return result.kind === 'invalid' ? result.problems : [];
}

type ChangeNotice = {
  readonly watcher: ConfigWatcher;
  /** What to do from now on when the content of the file changed, or cannot be read. */
  readonly notify: (onChange: () => void, onUnreadable: (why: string) => void) => void;
};

/** Watches from before there is anything to reload; changes until then are in the first load. */
function createChangeNotice(values: ServeValues, { clock }: Runtime): ChangeNotice {
  let onChange: () => void = () => undefined;
  let onUnreadable: (why: string) => void = () => undefined;
  const watcher = watchConfig({
    file: values['config.file'],
    intervalMs: values['config.auto-reload-interval'],
    clock,
    onChange: () => onChange(),
    onUnreadable: (why) => onUnreadable(why),
  });
  return {
    watcher,
    notify(change, unreadable) {
      onChange = change;
      onUnreadable = unreadable;
    },
  };
}

type Run = {
  readonly runtime: Runtime;
  readonly values: ServeValues;
  readonly log: Sink;
  readonly daemon: Daemon;
  readonly changed: ChangeNotice;
};

async function runUntilStopped({ runtime, values, log, daemon, changed }: Run): Promise<number> {
  const { clock, signals } = runtime;
  const { watcher } = changed;
  const warn = createWarn((event) => log.process?.(event), clock);
  // Asked for before the first await: a signal during the start must not be lost, nor kill.
  const stopped = signals.stop();
  const reload = createReload(daemon);
  signals.onReload(reload.now);
  const started = await daemon.start();
  if (started.kind === 'failed') {
    watcher.stop();
    warn('error', `could not start: ${started.problem}`);
    return EXIT.failed;
  }
  reload.allow();
  changed.notify(reload.now, (why) => {
    const message = 'the configuration file cannot be read; what was loaded stays';
    warn('error', message, { file: values['config.file'], why });
  });
  const signal = await stopped;
  watcher.stop();
  return stopInTime({ runtime, daemon, signal, timeoutMs: values['shutdown.timeout'], log });
}

/** Reloads that are asked for during the start happen after it. */
function createReload(daemon: Daemon): { readonly now: () => void; readonly allow: () => void } {
  let started = false;
  let asked = false;
  return {
    now() {
      if (started) void daemon.reload();
      else asked = true;
    },
    allow() {
      started = true;
      if (asked) void daemon.reload();
    },
  };
}

function usageProblem(values: ServeValues): string | null {
  for (const address of values['web.listen-address']) {
    if (parseListenAddress(address) === null) {
      return `--web.listen-address is "${address}", expected :PORT, HOST:PORT or [IPV6]:PORT`;
    }
  }
  const path = values['web.telemetry-path'];
  if (!path.startsWith('/')) return `--web.telemetry-path is "${path}", expected a path that begins with /`;
  const url = values['web.external-url'];
  if (url !== null && !(URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))) {
    return `--web.external-url is "${url}", expected an http:// or https:// URL`;
  }
  return null;
}

function webSettings(values: ServeValues): WebSettings {
  const externalUrl = values['web.external-url'];
  const prefix = values['web.route-prefix'] ?? (externalUrl === null ? '/' : new URL(externalUrl).pathname);
  return {
    listenAddresses: values['web.listen-address'],
    webConfigFile: values['web.config.file'],
    telemetryPath: values['web.telemetry-path'],
    externalUrl,
    routePrefix: prefix,
    enableLifecycle: values['web.enable-lifecycle'],
  };
}
