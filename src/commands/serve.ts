import { PacedWork } from '../clock/paced-work.ts';
import type { Config, ConfigResult } from '../config/config.ts';
import type { ConfigLoader } from '../config/config-loader.ts';
import { formatProblems } from '../text/file-problem.ts';
import type { ConfigSnapshot } from '../config/snapshot/config-snapshot.ts';
import { SnapshotReader } from '../config/snapshot/snapshot-reader.ts';
import { ConfigWatcher } from '../config/watch/config-watcher.ts';
import { createWarn } from '../domain/events/create-warn.ts';
import type { Sink } from '../events/bus.ts';
import { whyUnreadable } from '../files/file-content.ts';
import { createLog } from '../daemon/create-log.ts';
import type { Daemon, ReloadTrigger } from '../daemon/daemon-options.ts';
import type { ShardSettings } from '../settings/shard-settings.ts';
import type { WebSettings } from '../settings/web-settings.ts';
import { check, checkWeb } from './check.ts';
import { EXIT, NO_OPERANDS, command } from './command.ts';
import type { FlagValues } from './flags/parse-flags.ts';
import type { Runtime } from './runtime.ts';
import { SERVE_FLAGS } from './flags/serve-flags.ts';
import { shardSettings } from './shard-settings.ts';
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
  operands: NO_OPERANDS,
  async run(runtime, values) {
    const problem = usageProblem(values);
    if (problem !== null) {
      runtime.printError(`finrst serve: ${problem}`);
      return EXIT.misused;
    }
    if (values['config.check']) return checkOnly(runtime, values);
    const shards = shardSettings(values, runtime.environment);
    if (shards.kind === 'misused') {
      runtime.printError(`finrst serve: ${shards.message}`);
      return EXIT.misused;
    }
    if (holdsNothing(values) && shards.settings !== null) {
      runtime.printError(
        'finrst serve: --observe=only holds no peers, so there is nothing to share: leave --shard.* out',
      );
      return EXIT.misused;
    }
    return new Serving(runtime, values, shards.settings).run();
  },
});

/** `--config.check`: prints what is wrong with any file that is named, and exits 0 or 1. */
async function checkOnly(runtime: Runtime, values: ServeValues): Promise<number> {
  const { print: out, printError: err, openFileLimit, packetBacklog, readFile, readOperand } = runtime;
  const hold = holdsNothing(values);
  const io = { out, err, openFileLimit, packetBacklog, readFile, readOperand, holdsNothing: hold };
  const web = values['web.config.file'];
  const webExit = web === null ? EXIT.ok : await checkWeb(web, io);
  return Math.max(webExit, await check([values['config.file']], io));
}

async function webConfigProblems({ readFile }: Runtime, values: ServeValues): Promise<readonly string[]> {
  const file = values['web.config.file'];
  if (file === null) return [];
  const { loadWebConfig } = await import('../config/load-web-config.ts');
  const result = await loadWebConfig({ file, readFile });
  return result.kind === 'invalid' ? result.problems : [];
}

/** One run of the daemon, from the first look at the configuration to the exit code. */
class Serving {
  readonly #runtime: Runtime;
  readonly #values: ServeValues;
  readonly #shards: ShardSettings | null;
  /** What is done about many ends at once. */
  readonly #work: PacedWork;
  readonly #log: Sink;
  readonly #configs: ConfigLoader;
  readonly #snapshots: SnapshotReader;
  /** Null: nothing was loaded yet. */
  #watcher: ConfigWatcher | null = null;

  constructor(runtime: Runtime, values: ServeValues, shards: ShardSettings | null) {
    const { clock, stderr: output, readFile, openConfigLoader } = runtime;
    this.#runtime = runtime;
    this.#values = values;
    this.#shards = shards;
    this.#work = new PacedWork(clock);
    const { 'log.level': level, 'log.format': format, 'web.external-url': externalUrl } = values;
    this.#log = createLog({ level, format, clock, output, externalUrl, work: this.#work });
    this.#configs = openConfigLoader();
    this.#snapshots = new SnapshotReader({ file: values['config.file'], readFile }, this.#configs.findNames);
  }

  async run(): Promise<number> {
    try {
      return await this.#run();
    } finally {
      this.#work.finish(); // the last lines
    }
  }

  async #run(): Promise<number> {
    const { signals, printError } = this.#runtime;
    // Asked for before the first await: a signal during the start must not be lost, nor kill.
    const stopped = signals.stop();
    const reloads = new ReloadsOnDemand();
    signals.onReload(() => reloads.request('byHand'));
    const first = await Promise.race([this.#loadFirst(), stopped]);
    if (typeof first === 'string') {
      void this.#configs.stop();
      return EXIT.ok;
    }
    if (first.kind === 'invalid') {
      for (const problem of first.problems) printError(problem);
      return EXIT.misused;
    }
    const daemon = this.#createDaemon(first.config);
    this.#watcher = this.#watch(first.snapshot, () => reloads.request('fileChanged'));
    const started = await daemon.start();
    if (started.kind === 'failed') {
      this.#watcher.stop();
      this.#warn(`could not start: ${started.problem}`);
      return EXIT.failed;
    }
    reloads.allow((trigger) => void daemon.reload(trigger));
    const signal = await stopped;
    this.#watcher.stop();
    void this.#configs.stop();
    const timeoutMs = this.#values['shutdown.timeout'];
    return stopInTime({ runtime: this.#runtime, daemon, signal, timeoutMs, log: this.#log });
  }

  async #loadFirst(): Promise<FirstLoad> {
    const snapshot = await this.#snapshots.read();
    const loaded = await this.#load(snapshot);
    const problems = [
      ...(loaded.kind === 'invalid' ? formatProblems(loaded.problems) : []),
      ...(await webConfigProblems(this.#runtime, this.#values)),
    ];
    if (loaded.kind === 'invalid' || problems.length > 0) return { kind: 'invalid', problems };
    return { kind: 'loaded', config: loaded.config, snapshot };
  }

  #load(snapshot: ConfigSnapshot): Promise<ConfigResult> {
    const { openFileLimit, packetBacklog } = this.#runtime;
    return this.#configs.load(snapshot, { openFileLimit, packetBacklog, holdsNothing: holdsNothing(this.#values) });
  }

  #createDaemon(config: Config): Daemon {
    const { clock, random, build, createDaemon } = this.#runtime;
    return createDaemon({
      config,
      load: async () => {
        const snapshot = await this.#snapshots.read();
        this.#watcher?.markLoaded(snapshot);
        return this.#load(snapshot);
      },
      clock,
      random,
      build,
      work: this.#work,
      sinks: { log: this.#log },
      web: webSettings(this.#values),
      eventsFile: this.#values['events.file'],
      shards: this.#shards,
      observe: this.#values.observe,
    });
  }

  #watch(loaded: ConfigSnapshot, onChange: () => void): ConfigWatcher {
    return new ConfigWatcher(loaded, {
      read: () => this.#snapshots.read(),
      intervalMs: this.#values['config.auto-reload-interval'],
      clock: this.#runtime.clock,
      onChange,
      onUnreadable: (why) => {
        const message = 'the configuration file cannot be read; what was loaded stays';
        this.#warn(message, { file: this.#values['config.file'], why: whyUnreadable(why) });
      },
    });
  }

  #warn(message: string, fields?: Readonly<Record<string, string>>): void {
    createWarn((event) => this.#log.process?.(event), this.#runtime.clock)('error', message, fields);
  }
}

type FirstLoad =
  | { readonly kind: 'loaded'; readonly config: Config; readonly snapshot: ConfigSnapshot }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** Reloads that are asked for during the start happen after it. */
class ReloadsOnDemand {
  #reload: ((trigger: ReloadTrigger) => void) | null = null;
  #asked: ReloadTrigger | null = null;

  request(trigger: ReloadTrigger): void {
    if (this.#reload !== null) this.#reload(trigger);
    else if (this.#asked !== 'byHand') this.#asked = trigger;
  }

  /** The start is over. */
  allow(reload: (trigger: ReloadTrigger) => void): void {
    this.#reload = reload;
    if (this.#asked !== null) reload(this.#asked);
  }
}

function holdsNothing({ observe }: ServeValues): boolean {
  return observe === 'only';
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
