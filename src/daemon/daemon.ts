import type { Config } from '../config/config.ts';
import { formatProblems } from '../text/file-problem.ts';
import { createWarn } from '../domain/events/create-warn.ts';
import type { Publish } from '../events/bus.ts';
import type { ReloadResult } from '../settings/reload-result.ts';
import type { SettingPlaces } from '../settings/setting-places.ts';
import type { StartResult } from '../settings/start-result.ts';
import { warnOfLastRun } from '../sinks/journal/warn-of-last-run.ts';
import { applyConfig, applyGroups } from './apply-config.ts';
import { buildParts, type BuiltParts } from './build-parts.ts';
import type { Daemon, DaemonOptions, ReloadTrigger } from './daemon-options.ts';
import type { Part } from './part.ts';
import { ReloadQueue } from './reload-queue.ts';
import { runbooksIn } from './runbooks-in.ts';
import { startParts } from './start-parts.ts';
import { stopMsOf, stopParts } from './stop-parts.ts';

const STARTING = 'Finrst is starting.';
const SHUTTING_DOWN = 'Finrst is shutting down.';
/** Where the start fails, spans about the last run get this long. */
const FAILED_START_STOP_MS = 1000;

/** Builds the daemon: connections publish events, sinks fold them, the web serves what the sinks hold. */
export function createDaemon(options: DaemonOptions): Daemon {
  return new DaemonOfParts(options);
}

class DaemonOfParts implements Daemon {
  readonly #options: DaemonOptions;
  readonly #reloads = new ReloadQueue(() => this.#load());
  #config: Config;
  #parts: BuiltParts | null = null;
  /** Null: it is ready. */
  #notReady: string | null = STARTING;
  /** One of those whom the next load answers asked for it by hand. */
  #restartDelays = false;

  constructor(options: DaemonOptions) {
    this.#options = options;
    this.#config = options.config;
  }

  async start(): Promise<StartResult> {
    const { clock, build } = this.#options;
    const parts = await buildParts(this.#options, {
      reload: () => this.reload(),
      configText: () => this.#config.maskedText,
      settingPlaces: (group) => this.#placesOf(group),
      runbookOf: runbooksIn(this.#options),
      notReady: () => this.#notReady ?? this.#notReadyParts(),
    });
    if (parts.kind === 'failed') return parts;
    const { publish } = parts.events;
    await applyGroups(parts, this.#config.groups);
    // Before a port can fail to open: the journal names the connections of the last run only once.
    this.#reportLastRun(parts);
    const started = await startParts([...parts.working, ...parts.recording]);
    if (started.kind === 'failed') {
      await this.#stop([...parts.working, ...parts.recording], FAILED_START_STOP_MS, publish);
      return started;
    }
    const { version, nodeVersion } = build;
    const { fleet, kernelEvidence } = parts;
    const { listening } = started;
    publish({ type: 'started', at: clock.now(), version, nodeVersion, peers: fleet.size, kernelEvidence, listening });
    this.#warnOfConfig(publish);
    fleet.start();
    this.#parts = parts;
    this.#notReady = null;
    parts.sharding.start({
      reshard: (owns) => parts.peers.reshard(owns),
      pauseConnects: (isPaused) => fleet.pauseConnects(isPaused),
    });
    return started;
  }

  reload(trigger: ReloadTrigger = 'byHand'): Promise<ReloadResult> {
    this.#restartDelays ||= trigger === 'byHand';
    return this.#reloads.request();
  }

  async handOver(signal: string): Promise<void> {
    if (this.#parts === null) return;
    const { fleet, sharding } = this.#parts;
    this.#beginStopping(signal, this.#parts);
    const { maxConnectsPerSecond: connectsPerSecond } = this.#config.global;
    this.#parts.closing.reason = await sharding.handOver({ held: fleet.size, connectsPerSecond });
  }

  async stop(signal: string, timeoutMs: number): Promise<void> {
    if (this.#parts === null) return;
    const { working, recording, events } = this.#parts;
    const { publish } = events;
    const { clock } = this.#options;
    this.#beginStopping(signal, this.#parts);
    await this.#stop(working, timeoutMs - stopMsOf(recording), publish);
    publish({ type: 'stopped', at: clock.now(), exitCode: 0 });
    await this.#stop(recording, stopMsOf(recording), publish);
  }

  #beginStopping(signal: string, { events }: BuiltParts): void {
    if (this.#isStopping()) return;
    this.#notReady = SHUTTING_DOWN;
    events.publish({ type: 'stopping', at: this.#options.clock.now(), signal });
  }

  #placesOf(group: string): SettingPlaces {
    const { file, globalLines, groups } = this.#config;
    const written = groups.find(({ name }) => name === group)?.writtenLines;
    return { file, global: globalLines, group: written ?? new Map() };
  }

  #notReadyParts(): string | null {
    if (this.#parts === null) return null;
    const { sharding, peers, firstOutcomes } = this.#parts;
    const why = sharding.notReady() ?? peers.notReady();
    return why ?? firstOutcomes?.notReady(this.#config.global.maxConnectsPerSecond) ?? null;
  }

  async #load(): Promise<ReloadResult> {
    const parts = this.#parts;
    if (parts === null || this.#notReady !== null) return notNow(this.#notReady);
    const { clock, load } = this.#options;
    const { publish } = parts.events;
    const restartDelays = this.#restartDelays;
    this.#restartDelays = false;
    const result = await load();
    if (this.#isStopping()) return notNow(SHUTTING_DOWN);
    if (result.kind === 'invalid') {
      const problems = formatProblems(result.problems);
      publish({ type: 'reloadFailed', at: clock.now(), problems });
      return { kind: 'invalid', problems };
    }
    this.#config = result.config;
    const diff = await applyConfig(parts, result.config, { restartDelays });
    if (diff === null || this.#isStopping()) return notNow(SHUTTING_DOWN);
    publish({ type: 'reloadSucceeded', at: clock.now(), ...diff, configSha256: result.config.sha256 });
    this.#warnOfConfig(publish);
    return { kind: 'reloaded' };
  }

  #isStopping(): boolean {
    return this.#notReady === SHUTTING_DOWN;
  }

  #stop(parts: readonly Part[], timeoutMs: number, publish: Publish): Promise<void> {
    const { clock } = this.#options;
    const warn = createWarn(publish, clock);
    return stopParts(parts, {
      clock,
      timeoutMs,
      onLost: ({ name, lossMessage }, lost) =>
        warn('error', lossMessage ?? `${name} lost what it had at shutdown`, { lost }),
    });
  }

  #reportLastRun({ journal, traces, events }: BuiltParts): void {
    if (journal === null) return;
    warnOfLastRun(journal, createWarn(events.publish, this.#options.clock));
    traces.recordLost(journal.lostConnections);
  }

  #warnOfConfig(publish: Publish): void {
    const warn = createWarn(publish, this.#options.clock);
    for (const message of this.#config.warnings) warn('warn', message);
  }
}

function notNow(why: string | null): ReloadResult {
  return { kind: 'invalid', problems: [why ?? STARTING] };
}
