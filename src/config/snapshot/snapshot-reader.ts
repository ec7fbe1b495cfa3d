import { dirname } from 'node:path';
import type { FileContent, ReadFile } from '../../files/file-content.ts';
import { readYaml, type YamlSource } from '../yaml/yaml-source.ts';
import type { ConfigSnapshot, NamesByKey } from './config-snapshot.ts';
import { decodeConfig, type ConfigText } from './decode-config.ts';
import { locateIn } from './named-files.ts';

/** Keys that name a file, in a configuration and in a web configuration. */
const FILE_KEYS = ['send_file', 'headers_file', 'ca_file', 'cert_file', 'key_file', 'client_ca_file'];

export type SnapshotOrigin = {
  readonly file: string;
  /** Reads the files it names. */
  readonly readFile: ReadFile;
  /** Reads the configuration itself, where it may be no regular file. Absent: `readFile` does. */
  readonly readConfig?: (file: string) => Promise<FileContent>;
  /** Where relative names start. Absent: in the folder of the file. */
  readonly folder?: string;
};

/** Reads one configuration file again and again. The YAML is parsed only where the text is another one and names files. */
export class SnapshotReader {
  readonly #origin: SnapshotOrigin;
  readonly #folder: string;
  #known: { readonly bytes: Uint8Array; readonly names: NamesByKey } | null = null;

  constructor(origin: SnapshotOrigin) {
    this.#origin = origin;
    this.#folder = origin.folder ?? dirname(origin.file);
  }

  /** Resolves with what is there now. Never rejects: a file that cannot be read is a part of the answer. */
  async read(): Promise<ConfigSnapshot> {
    const { file, readFile, readConfig = readFile } = this.#origin;
    const content = await readConfig(file);
    const text = decodeConfig(file, content);
    const { names, source } = this.#namesIn(content, text);
    const paths = new Set(names.flatMap(([, those]) => those.map((name) => locateIn(this.#folder, name))));
    const read = async (path: string) => [path, await readFile(path)] as const;
    const named = new Map(await Promise.all(Array.from(paths, read)));
    return { file, folder: this.#folder, content, text, source, names, named };
  }

  #namesIn(content: FileContent, text: ConfigText): { names: NamesByKey; source: YamlSource | null } {
    if (content.kind === 'unreadable' || text.kind === 'problem') return { names: [], source: null };
    if (this.#known !== null && Buffer.compare(this.#known.bytes, content.bytes) === 0) {
      return { names: this.#known.names, source: null };
    }
    const source = text.text.includes('_file') ? readYaml(text.text, this.#origin.file) : null;
    const names = source === null ? [] : namesOf(source);
    this.#known = { bytes: content.bytes, names };
    return { names, source };
  }
}

function namesOf(source: YamlSource): NamesByKey {
  return FILE_KEYS.map((key) => {
    const names = source.scalarsOf(key).map(({ value }) => value);
    return [key, [...new Set(names)].filter((name) => name !== '')] as const;
  });
}
