import { readdir, stat } from 'node:fs/promises';
import type { Clock } from '../clock/clock.ts';
import { BoundedReads } from './bounded-reads.ts';
import type { RefusedFile } from './file-content.ts';

/** `why` as in `FileContent`. */
type Unreadable = { readonly kind: 'unreadable'; readonly why: string };

/** The names in a folder, in no order. */
export type FolderContent = { readonly kind: 'listed'; readonly names: readonly string[] } | Unreadable;

/** Behind links, too. Equal identities: the file was in all likelihood not written meanwhile. */
export type FileStatus = { readonly kind: 'there'; readonly identity: string } | Unreadable;

/** Lists folders and looks at files, off the event loop. */
export type Folders = {
  /** Resolves with what is there now. Never rejects. */
  readonly list: (folder: string) => Promise<FolderContent>;
  /** Resolves with what is there now; what is no regular file is refused. Never rejects. */
  readonly status: (path: string) => Promise<FileStatus>;
};

const NO_ANSWER: Unreadable = { kind: 'unreadable', why: 'NO_ANSWER' satisfies RefusedFile };

/** Each question within 10 s. One for the whole process. */
export class FolderReader implements Folders {
  readonly #lists: BoundedReads<FolderContent>;
  readonly #statuses: BoundedReads<FileStatus>;

  constructor(clock: Pick<Clock, 'after'>) {
    this.#lists = new BoundedReads(clock, listFolder, NO_ANSWER);
    this.#statuses = new BoundedReads(clock, statusOf, NO_ANSWER);
  }

  readonly list = (folder: string): Promise<FolderContent> => this.#lists.read(folder);

  readonly status = (path: string): Promise<FileStatus> => this.#statuses.read(path);
}

/** The same without a deadline. Never rejects. */
export async function listFolder(folder: string): Promise<FolderContent> {
  try {
    return { kind: 'listed', names: await readdir(folder) };
  } catch (error) {
    return unreadable(error);
  }
}

async function statusOf(path: string): Promise<FileStatus> {
  try {
    const found = await stat(path, { bigint: true });
    if (found.isDirectory()) return { kind: 'unreadable', why: 'EISDIR' };
    if (!found.isFile()) return { kind: 'unreadable', why: 'NOT_REGULAR' satisfies RefusedFile };
    return { kind: 'there', identity: `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}` };
  } catch (error) {
    return unreadable(error);
  }
}

/** A path with a NUL byte is refused by the runtime with a code of its own. */
function unreadable(error: unknown): Unreadable {
  if (error instanceof Error && 'code' in error) return { kind: 'unreadable', why: String(error.code) };
  throw error;
}
