import { createHash } from 'node:crypto';
import { createNamedFiles, type ReadFile } from './named-files.ts';
import { readYaml } from '../yaml/yaml-source.ts';

export type Fingerprint =
  /** Equal digests: a load would give the same result. */
  | { readonly kind: 'digest'; readonly digest: string }
  /** `why` is the errno name, like ENOENT. */
  | { readonly kind: 'unreadable'; readonly why: string };

/** Files whose content is read at load: another content is another configuration. */
const READ_AT_LOAD = ['send_file', 'headers_file'];
/** Files that are read again at each connect: only whether they can be read decides whether a configuration loads. */
const READ_AT_CONNECT = ['ca_file', 'cert_file', 'key_file'];

/**
 * A function that tells the state of a configuration file and of the files it names, by content: times and inodes say
 * nothing where a folder is swapped behind a link, as the kubelet does. The YAML is parsed only when the text is another
 * one than at the last call and names files.
 */
export function createFingerprint(file: string, readFile: ReadFile): () => Fingerprint {
  let known: { readonly text: string; readonly names: NamesByKey } | null = null;
  return () => {
    const content = readFile(file);
    if (content.kind === 'unreadable') return content;
    const text = Buffer.from(content.bytes).toString('latin1');
    if (known?.text !== text) known = { text, names: namesIn(content.bytes, file) };
    // A fresh cache each time: what it read last time is not what is there now.
    const files = createNamedFiles(file, readFile);
    const hash = createHash('sha256').update(content.bytes);
    for (const [key, names] of known.names) {
      for (const name of names) {
        const named = files.read(name);
        hash.update(`\0${key}\0${name}\0${named.kind}\0`);
        if (named.kind === 'read' && READ_AT_LOAD.includes(key)) hash.update(named.bytes);
      }
    }
    return { kind: 'digest', digest: hash.digest('hex') };
  };
}

type NamesByKey = readonly (readonly [key: string, names: readonly string[]])[];

function namesIn(bytes: Uint8Array, file: string): NamesByKey {
  const text = Buffer.from(bytes).toString('utf8');
  if (!text.includes('_file')) return [];
  const source = readYaml(text, file);
  return [...READ_AT_LOAD, ...READ_AT_CONNECT].map((key) => {
    const names = source.scalarsOf(key).map(({ value }) => value);
    return [key, [...new Set(names)].filter((name) => name !== '')] as const;
  });
}
