import { createHash } from 'node:crypto';
import type { FileContent } from '../../files/file-content.ts';
import type { ConfigText } from './decode-config.ts';
import { createNamedFiles, locateIn, type NamedFiles } from './named-files.ts';

/**
 * A configuration file and the files it names, each read once: what is digested is what is loaded, whatever happens to the
 * files meanwhile.
 */
export type ConfigSnapshot = {
  /** How messages name the configuration file. */
  readonly file: string;
  /** Where relative names start. */
  readonly folder: string;
  readonly content: FileContent;
  readonly text: ConfigText;
  /** The files it names, by the key that names them. */
  readonly names: NamesByKey;
  /** By the path that was opened. */
  readonly named: ReadonlyMap<string, FileContent>;
};

/** Names as the file writes them, each once. */
export type NamesByKey = readonly (readonly [key: string, names: readonly string[]])[];

export type Fingerprint =
  /** Equal digests: a load would give the same result. */
  | { readonly kind: 'digest'; readonly digest: string }
  /** `why` as in `FileContent`. */
  | { readonly kind: 'unreadable'; readonly why: string };

/** Files that are read again at each connect: only whether they can be read decides whether a configuration loads. */
const READ_AT_CONNECT = ['ca_file', 'cert_file', 'key_file', 'password_file'];

/**
 * The state of a configuration file and of the files it names, by content: times and inodes say nothing where a folder is
 * swapped behind a link, as the kubelet does.
 */
export function fingerprintOf({ content, folder, names, named }: ConfigSnapshot): Fingerprint {
  if (content.kind === 'unreadable') return content;
  const hash = createHash('sha256').update(content.bytes);
  for (const [key, those] of names) {
    for (const name of those) {
      const file = named.get(locateIn(folder, name));
      hash.update(`\0${key}\0${name}\0${file?.kind}\0`);
      if (file?.kind === 'read' && !READ_AT_CONNECT.includes(key)) hash.update(file.bytes);
    }
  }
  return { kind: 'digest', digest: hash.digest('hex') };
}

/** The files that were read with the configuration: all that stand under a key of a file. */
export function namedFilesOf({ folder, named }: ConfigSnapshot): NamedFiles {
  return createNamedFiles(folder, (path) => {
    const content = named.get(path);
    if (content === undefined) throw new TypeError(`${path} is named by the configuration and was not read`);
    return content;
  });
}

/** What `sha256sum FILE` prints, its first 12 digits: enough to tell the versions of one file apart. */
export function shortSha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 12);
}
