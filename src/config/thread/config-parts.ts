import type { GroupSettings } from '../../settings/peer-group.ts';
import type { SourceSettings, StaticTargets } from '../../settings/source-settings.ts';
import type { Config, ConfigResult } from '../config.ts';
import type { FileProblem } from '../../text/file-problem.ts';

/**
 * A result taken apart, so that no message between threads is long: the configuration without its groups or the first
 * problem, then one thing after the other, each belonging to what came before it.
 */
export type ConfigPart =
  | { readonly part: 'loaded'; readonly config: Omit<Config, 'groups'> }
  | { readonly part: 'group'; readonly group: Omit<GroupSettings, 'sources'> }
  | { readonly part: 'source'; readonly source: SourceSettings }
  | { readonly part: 'entry'; readonly labels: StaticTargets['labels'] }
  | { readonly part: 'targets'; readonly targets: readonly string[] }
  | { readonly part: 'problem'; readonly problem: FileProblem };

/** Peers, groups or problems in one message: it takes the event loop some 50 microseconds to read. */
export const PEERS_A_MESSAGE = 250;

/** The parts of a result in messages of at most 250 peers. */
export function* messagesOf(result: ConfigResult): Generator<readonly ConfigPart[], void> {
  let message: ConfigPart[] = [];
  let weight = 0;
  for (const part of partsOf(result)) {
    const own = part.part === 'targets' ? part.targets.length : 1;
    if (weight > 0 && weight + own > PEERS_A_MESSAGE) {
      yield message;
      message = [];
      weight = 0;
    }
    message.push(part);
    weight += own;
  }
  yield message;
}

function* partsOf(result: ConfigResult): Generator<ConfigPart, void> {
  if (result.kind === 'invalid') {
    for (const problem of result.problems) yield { part: 'problem', problem };
    return;
  }
  const { groups, ...config } = result.config;
  yield { part: 'loaded', config };
  for (const { sources, ...group } of groups) {
    yield { part: 'group', group };
    for (const source of sources) yield* sourceParts(source);
  }
}

function* sourceParts(source: SourceSettings): Generator<ConfigPart, void> {
  switch (source.kind) {
    case 'static':
      yield { part: 'source', source: { kind: 'static', settings: [] } };
      for (const { labels, targets } of source.settings) {
        yield { part: 'entry', labels };
        for (let from = 0; from < targets.length; from += PEERS_A_MESSAGE) {
          yield { part: 'targets', targets: targets.slice(from, from + PEERS_A_MESSAGE) };
        }
      }
      return;
    case 'kubernetes':
    case 'file':
    case 'http':
    case 'dns':
      yield { part: 'source', source };
  }
}

/** Puts the parts of one result together again, in the order in which they were taken apart. */
export class PartsOfConfig {
  #config: Omit<Config, 'groups'> | null = null;
  readonly #groups: (Omit<GroupSettings, 'sources'> & { readonly sources: SourceSettings[] })[] = [];
  #entries: StaticTargets[] = [];
  #targets: string[] = [];
  readonly #problems: FileProblem[] = [];

  add(part: ConfigPart): void {
    switch (part.part) {
      case 'loaded':
        this.#config = part.config;
        return;
      case 'group':
        this.#groups.push({ ...part.group, sources: [] });
        return;
      case 'source':
        this.#beginSource(part.source);
        return;
      case 'entry':
        this.#targets = [];
        this.#entries.push({ targets: this.#targets, labels: part.labels });
        return;
      case 'targets':
        for (const target of part.targets) this.#targets.push(target);
        return;
      case 'problem':
        this.#problems.push(part.problem);
    }
  }

  /** To be asked once all parts are there. */
  get result(): ConfigResult {
    if (this.#config === null) return { kind: 'invalid', problems: this.#problems };
    return { kind: 'loaded', config: { ...this.#config, groups: this.#groups } };
  }

  #beginSource(source: SourceSettings): void {
    this.#entries = [];
    const own: SourceSettings = source.kind === 'static' ? { kind: 'static', settings: this.#entries } : source;
    this.#groups.at(-1)?.sources.push(own);
  }
}
