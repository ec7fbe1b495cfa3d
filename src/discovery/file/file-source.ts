import type { Timer } from '../../clock/clock.ts';
import { whyUnreadable } from '../../files/file-content.ts';
import { SETTLE_MS } from '../../files/settled-digest.ts';
import type { FileSettings } from '../../settings/file-settings.ts';
import { type FilePattern, parseFilePattern } from '../../target-lists/file-pattern.ts';
import { findTargetFiles } from '../../target-lists/find-target-files.ts';
import type { PeerSource, SourceContext, SourceUpdate, TargetGroup } from '../peer-source.ts';
import { type FileFailure, type FileLook, TargetFile } from './target-file.ts';

/**
 * How often folders are listed and files looked at. Notifications of the kernel would be quicker and would miss what is
 * written behind a link or on a network file system, and a folder that is made anew.
 */
const LOOK_MS = 5000;

/** Targets in files. Each file counts by itself: what is wrong with one leaves the targets of all as they are. */
export class FileSource implements PeerSource {
  readonly #settings: FileSettings;
  readonly #context: SourceContext;
  readonly #patterns: readonly FilePattern[];
  readonly #files = new Map<string, TargetFile>();
  #publish: (update: SourceUpdate) => void = () => {};
  #timer: Timer | null = null;
  #readAllAt = 0;
  #isStopped = false;
  #isSynced = false;
  /** Whether the next look that leaves nothing open is to be reported. */
  #isReportDue = true;
  /** What failed at the last report. */
  #reported = '';

  constructor(settings: FileSettings, context: SourceContext) {
    this.#settings = settings;
    this.#context = context;
    this.#patterns = settings.files.flatMap((path) => parseFilePattern(path) ?? []);
  }

  start(publish: (update: SourceUpdate) => void): void {
    this.#publish = publish;
    this.#readAllAt = this.#context.clock.monotonic();
    void this.#look();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    const { clock } = this.#context;
    const { refreshIntervalMs } = this.#settings;
    const startedAt = clock.monotonic();
    const readsAll = startedAt >= this.#readAllAt;
    if (readsAll) this.#readAllAt = startedAt + refreshIntervalMs;
    const { looks, unlisted } = await this.#lookAtAll(readsAll);
    if (this.#isStopped) return;
    const groups = looks.flatMap(groupsOf);
    if (groups.length > 0) this.#publish({ kind: 'groups', groups });
    const failures = [...unlisted, ...looks.filter((look) => look.kind === 'failed')];
    const isUndecided = looks.some(({ kind }) => kind === 'undecided');
    this.#isReportDue ||= readsAll || groups.length > 0;
    if (!isUndecided) this.#report(failures, clock.monotonic() - startedAt);
    const nextMs = isUndecided ? SETTLE_MS : Math.min(LOOK_MS, refreshIntervalMs);
    this.#timer = clock.after(nextMs, () => void this.#look());
  }

  async #lookAtAll(readsAll: boolean) {
    const { folders } = this.#context;
    const found = await findTargetFiles(this.#patterns, folders.list);
    for (const path of found.paths) {
      if (!this.#files.has(path)) this.#files.set(path, new TargetFile(path, this.#context));
    }
    // In the order of their names: of two equal targets the first is the one that is held.
    const files = [...this.#files].toSorted(([one], [other]) => (one < other ? -1 : 1));
    const looks = await Promise.all(
      files.map(async ([path, file]) => {
        const look = await file.look(readsAll);
        if (look.kind === 'gone') this.#files.delete(path);
        return look;
      }),
    );
    const unlisted = found.unlisted.map(({ folder, why }): FileFailure => ({
      kind: 'failed',
      why: `cannot be listed: ${whyUnreadable(why)}`,
      place: folder,
    }));
    return { looks, unlisted };
  }

  #report(failures: readonly FileFailure[], tookMs: number): void {
    const reported = JSON.stringify(failures);
    if (!this.#isReportDue && reported === this.#reported) return;
    this.#isReportDue = false;
    this.#reported = reported;
    const [first, ...others] = failures;
    if (first !== undefined) {
      const why = others.length === 0 ? first.why : `${first.why} (and ${others.length} more files)`;
      this.#publish({ kind: 'failed', why, place: first.place, tookMs });
      return;
    }
    this.#publish({ kind: 'refreshed', tookMs });
    if (!this.#isSynced) this.#publish({ kind: 'synced' });
    this.#isSynced = true;
  }
}

function groupsOf(look: FileLook): readonly TargetGroup[] {
  return look.kind === 'changed' || look.kind === 'gone' ? look.groups : [];
}
