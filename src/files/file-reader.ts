import type { Clock } from '../clock/clock.ts';
import { BoundedReads } from './bounded-reads.ts';
import { type FileContent, refused } from './file-content.ts';
import { readWholeFile } from './read-whole-file.ts';

/** Reads regular files of at most 32 MiB off the event loop, each within 10 s. One for the whole process. */
export class FileReader extends BoundedReads<FileContent> {
  constructor(clock: Pick<Clock, 'after'>, readWhole: (path: string) => Promise<FileContent> = readWholeFile) {
    super(clock, readWhole, refused('NO_ANSWER'));
  }
}
