import { runInSlices } from '../../clock/run-in-slices.ts';
import { type FileContent, whyUnreadable } from '../../files/file-content.ts';
import { SettledDigest } from '../../files/settled-digest.ts';
import { syntaxOf } from '../../target-lists/file-pattern.ts';
import { isAbsent } from '../../target-lists/find-target-files.ts';
import { contentDigest } from '../content-digest.ts';
import { describeProblems } from '../describe-problems.ts';
import type { SourceContext, TargetGroup } from '../peer-source.ts';
import { toTargetGroups } from '../to-target-groups.ts';

/** What one look at a file gave. */
export type FileLook =
  /** Nothing new, and what there is is good. */
  | { readonly kind: 'same' }
  /** It is new or gone, and must be seen so twice. */
  | { readonly kind: 'undecided' }
  | { readonly kind: 'changed' | 'gone'; readonly groups: readonly TargetGroup[] }
  /** It cannot be used; what was published of it stays. */
  | FileFailure;

export type FileFailure = { readonly kind: 'failed'; readonly why: string; readonly place: string };

const SAME: FileLook = { kind: 'same' };
const UNDECIDED: FileLook = { kind: 'undecided' };
/** Looks in a row that each saw another content, half a second apart. */
const MOST_UNDECIDED = 20;

/** One file of targets: what was published of it, and whether it has changed since. */
export class TargetFile {
  readonly #path: string;
  readonly #context: SourceContext;
  readonly #content = new SettledDigest(null);
  /** As it was right before it was read; null: to be read again. */
  #identity: string | null = null;
  /** Why the content that counts cannot be used. */
  #problem: FileFailure | null = null;
  /** Sets that were published. */
  #published = 0;
  #wasAbsent = false;
  #undecidedLooks = 0;

  constructor(path: string, context: SourceContext) {
    this.#path = path;
    this.#context = context;
  }

  /** @param readsAnyway also where nothing seems to have changed: some file systems keep times badly */
  async look(readsAnyway: boolean): Promise<FileLook> {
    const look = await this.#lookOnce(readsAnyway);
    this.#undecidedLooks = look.kind === 'undecided' ? this.#undecidedLooks + 1 : 0;
    return this.#undecidedLooks > MOST_UNDECIDED
      ? this.#failed('changes all the time; expected it to hold still')
      : look;
  }

  async #lookOnce(readsAnyway: boolean): Promise<FileLook> {
    const { folders, readFile, clock } = this.#context;
    const status = await folders.status(this.#path);
    if (status.kind === 'unreadable') return this.#unreadable(status.why);
    const isNew = status.identity !== this.#identity;
    if (!isNew && !readsAnyway && !this.#content.isUndecided) return this.#problem ?? SAME;
    const content = await readFile(this.#path);
    if (content.kind === 'unreadable') return this.#unreadable(content.why);
    this.#identity = status.identity;
    this.#wasAbsent = false;
    switch (this.#content.look(await contentDigest(clock, content.bytes))) {
      case 'known':
        return this.#problem ?? SAME;
      case 'undecided':
        return UNDECIDED;
      case 'counts':
        return this.#take(content);
    }
  }

  #unreadable(why: string): FileLook {
    this.#identity = null;
    this.#content.forgetCandidate();
    if (!isAbsent(why)) {
      this.#wasAbsent = false;
      return this.#failed(`cannot be read: ${whyUnreadable(why)}`);
    }
    // An editor may move a file away before it writes the new one.
    if (!this.#wasAbsent && this.#published > 0) {
      this.#wasAbsent = true;
      return UNDECIDED;
    }
    return this.#gone();
  }

  #gone(): FileLook {
    const groups = Array.from({ length: this.#published }, (_, index) => ({
      source: `${this.#path}:${index}`,
      targets: [],
      labels: {},
    }));
    this.#published = 0;
    return { kind: 'gone', groups };
  }

  async #take({ bytes }: Extract<FileContent, { kind: 'read' }>): Promise<FileLook> {
    const { readTargetList, clock } = this.#context;
    const read = await readTargetList({ bytes, syntax: syntaxOf(this.#path), file: this.#path });
    if (read.kind === 'wrong') {
      this.#problem = { kind: 'failed', ...describeProblems(read.problems) };
      return this.#problem;
    }
    this.#problem = null;
    const meta = { __meta_filepath: this.#path };
    const { entries } = read;
    const groups = await runInSlices(
      clock,
      toTargetGroups({ name: this.#path, meta, entries, before: this.#published }),
    );
    this.#published = entries.length;
    return { kind: 'changed', groups: groups ?? [] };
  }

  #failed(why: string): FileFailure {
    return { kind: 'failed', why, place: this.#path };
  }
}
