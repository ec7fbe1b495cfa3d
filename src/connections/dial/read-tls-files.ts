import type { FileContent } from '../../files/file-content.ts';
import type { TlsSettings } from '../../settings/tls-settings.ts';
import type { RecentFiles } from './recent-files.ts';

export type TlsMaterial = { readonly ca?: Uint8Array; readonly cert?: Uint8Array; readonly key?: Uint8Array };
export type TlsFiles =
  | { readonly kind: 'read'; readonly material: TlsMaterial }
  /** `why` as in `FileContent`. */
  | { readonly kind: 'unreadable'; readonly file: string; readonly why: string };

type Named = readonly [key: keyof TlsMaterial, file: string];

/**
 * Reads the CA, certificate and key of a peer as they are now, and calls back: at once where all of them were read a moment
 * ago. A file that cannot be read is a value: the attempt fails, nothing else.
 */
export function readTlsFiles(files: RecentFiles, settings: TlsSettings, done: (read: TlsFiles) => void): void {
  const { caFile, certFile, keyFile } = settings;
  const named = [['ca', caFile] as const, ['cert', certFile] as const, ['key', keyFile] as const].flatMap(
    ([key, file]): readonly Named[] => (file === null ? [] : [[key, file]]),
  );
  const contents = new Map<string, FileContent>();
  let missing = named.length;
  const finish = () => done(tlsFilesOf(named, contents));
  if (missing === 0) finish();
  for (const [, file] of named) {
    files.read(file, (content) => {
      contents.set(file, content);
      missing -= 1;
      if (missing === 0) finish();
    });
  }
}

function tlsFilesOf(named: readonly Named[], contents: ReadonlyMap<string, FileContent>): TlsFiles {
  const material: { -readonly [Key in keyof TlsMaterial]: TlsMaterial[Key] } = {};
  for (const [key, file] of named) {
    const content = contents.get(file);
    if (content?.kind === 'read') material[key] = content.bytes;
    else return { kind: 'unreadable', file, why: content?.why ?? '' };
  }
  return { kind: 'read', material };
}
