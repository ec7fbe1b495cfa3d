import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { type FileContent, MOST_FILE_BYTES, refused } from './file-content.ts';

export type WholeFileOptions = {
  /** Reads pipes and devices too, to their end, however long that takes. */
  readonly anyKind?: boolean;
  readonly mostBytes?: number;
};

/** One read of a file whose size is not known. */
const PIECE_BYTES = 64 * 1024;

/**
 * Reads a whole file in threads of the runtime's pool: the event loop goes on. Only a regular file of at most 32 MiB is
 * read, unless another kind is asked for. Never rejects.
 */
export async function readWholeFile(path: string, options: WholeFileOptions = {}): Promise<FileContent> {
  try {
    return await readIt(path, options);
  } catch (error) {
    // A path with a NUL byte is refused by the runtime with a code of its own (ERR_INVALID_ARG_VALUE).
    if (error instanceof Error && 'code' in error) return { kind: 'unreadable', why: String(error.code) };
    throw error;
  }
}

async function readIt(path: string, options: WholeFileOptions): Promise<FileContent> {
  const { anyKind = false, mostBytes = MOST_FILE_BYTES } = options;
  // Before it is opened: to open a device can do something, a tape is rewound.
  const problem = kindProblem(await stat(path), anyKind);
  if (problem !== null) return problem;
  // A pipe may have taken the place of the file meanwhile: with O_NONBLOCK its open does not wait for a writer.
  const handle = await open(path, constants.O_RDONLY | (anyKind ? 0 : constants.O_NONBLOCK));
  try {
    const status = await handle.stat();
    const now = kindProblem(status, anyKind);
    if (now !== null) return now;
    return await readToEnd(handle, { expected: status.size, mostBytes });
  } finally {
    await handle.close();
  }
}

function kindProblem(status: Awaited<ReturnType<typeof stat>>, anyKind: boolean): FileContent | null {
  if (status.isDirectory()) return { kind: 'unreadable', why: 'EISDIR' };
  return anyKind || status.isFile() ? null : refused('NOT_REGULAR');
}

type Sizes = { readonly expected: number; readonly mostBytes: number };

/** A file may grow while it is read, and those of /proc say that they are empty. */
async function readToEnd(handle: FileHandle, { expected, mostBytes }: Sizes): Promise<FileContent> {
  if (expected > mostBytes) return refused('TOO_LARGE');
  const pieces: Buffer[] = [];
  let total = 0;
  let next = expected + 1;
  for (;;) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(next), 0, next);
    if (bytesRead === 0) return { kind: 'read', bytes: Buffer.concat(pieces, total) };
    pieces.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
    if (total > mostBytes) return refused('TOO_LARGE');
    next = PIECE_BYTES;
  }
}

/** Reads a stream to its end, under the same bound. Never rejects for what the system says. */
export async function readStream(stream: AsyncIterable<Uint8Array | string>): Promise<FileContent> {
  const pieces: Buffer[] = [];
  let total = 0;
  try {
    for await (const piece of stream) {
      pieces.push(Buffer.from(piece));
      total += piece.length;
      if (total > MOST_FILE_BYTES) return refused('TOO_LARGE');
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error) return { kind: 'unreadable', why: String(error.code) };
    throw error;
  }
  return { kind: 'read', bytes: Buffer.concat(pieces, total) };
}
