/** A whole file, or why there is none. */
export type FileContent =
  | { readonly kind: 'read'; readonly bytes: Uint8Array }
  /** `why` is the errno name, like ENOENT, or one of `RefusedFile`. */
  | { readonly kind: 'unreadable'; readonly why: string };

/** What we refuse ourselves, and what the system leaves without an answer. */
export type RefusedFile = 'NOT_REGULAR' | 'TOO_LARGE' | 'NO_ANSWER';

/** Resolves with what is there now. Never rejects. */
export type ReadFile = (path: string) => Promise<FileContent>;

/**
 * A configuration of 15,000 targets has 1 MiB, a bundle of all public certificate authorities 0.2 MiB; reading 32 MiB of
 * YAML takes the parser 10 s.
 */
export const MOST_FILE_BYTES = 32 * 1024 * 1024;

export function refused(why: RefusedFile): FileContent {
  return { kind: 'unreadable', why };
}

/** Why a file cannot be read, in words, for a message about it. */
export function whyUnreadable(why: string): string {
  switch (why) {
    case 'ENOENT':
      return 'it does not exist';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a folder';
    case 'NOT_REGULAR' satisfies RefusedFile:
      return 'it is a pipe, a socket or a device; expected a regular file';
    case 'TOO_LARGE' satisfies RefusedFile:
      return 'it is larger than 32 MiB';
    case 'NO_ANSWER' satisfies RefusedFile:
      return 'its file system does not answer';
    default:
      return why;
  }
}
