import { dirname } from 'node:path';
import type { FileContent, ReadFile } from '../../files/file-content.ts';
import type { ConfigSnapshot, NamesByKey } from './config-snapshot.ts';
import { decodeConfig, type ConfigText } from './decode-config.ts';
import { locateIn } from './named-files.ts';

export type SnapshotOrigin = {
  readonly file: string;
  /** Reads the files it names. */
  readonly readFile: ReadFile;
  /** Reads the configuration itself, where it may be no regular file. Absent: `readFile` does. */
  readonly readConfig?: (file: string) => Promise<FileContent>;
  /** Where relative names start. Absent: in the folder of the file. */
  readonly folder?: string;
};

/** Finds the files that a text names. Null: it cannot be told now, and is asked again at the next read. */
export type FindNames = (text: string, file: string) => Promise<NamesByKey | null>;

/** Reads one configuration file again and again. The YAML is parsed only where the text is another one and names files. */
export class SnapshotReader {
  readonly #origin: SnapshotOrigin;
  readonly #folder: string;
  readonly #findNames: FindNames;
  #known: { readonly bytes: Uint8Array; readonly names: NamesByKey } | null = null;

  constructor(origin: SnapshotOrigin, findNames: FindNames) {
    this.#origin = origin;
    this.#findNames = findNames;
    this.#folder = origin.folder ?? dirname(origin.file);
  }

  /** Resolves with what is there now. Never rejects: a file that cannot be read is a part of the answer. */
  async read(): Promise<ConfigSnapshot> {
    const { file, readFile, readConfig = readFile } = this.#origin;
    const content = await readConfig(file);
    const text = decodeConfig(file, content);
    const names = await this.#namesIn(content, text);
    const paths = new Set(names.flatMap(([, those]) => those.map((name) => locateIn(this.#folder, name))));
    const read = async (path: string) => [path, await readFile(path)] as const;
    const named = new Map(await Promise.all(Array.from(paths, read)));
    return { file, folder: this.#folder, content, text, names, named };
  }

  async #namesIn(content: FileContent, text: ConfigText): Promise<NamesByKey> {
    if (content.kind === 'unreadable' || text.kind === 'problem') return [];
    const { bytes } = content;
    if (this.#known !== null && Buffer.compare(this.#known.bytes, bytes) === 0) return this.#known.names;
    const names = text.text.includes('_file') ? await this.#findNames(text.text, this.#origin.file) : [];
    if (names !== null) this.#known = { bytes, names };
    return names ?? [];
  }
}
