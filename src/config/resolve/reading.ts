import { createSecureContext } from 'node:tls';
import type { ConfigProblem } from '../config.ts';
import { whyUnreadable } from '../watch/named-files.ts';
import type { NamedFiles } from '../watch/named-files.ts';
import { pathText } from '../schema/parse-partially.ts';
import type { Path, YamlSource } from '../yaml/yaml-source.ts';

/** One file on its way from text to settings: where things stand, what is wrong so far, and the files it names. */
export type Reading = {
  readonly source: YamlSource;
  readonly problems: ConfigProblem[];
  /** Paths that the schema already refused. */
  readonly wrong: ReadonlySet<string>;
  readonly files: NamedFiles;
};

/** Notes a problem at the value of this path. The message goes on after the path. */
export function complain(reading: Reading, path: Path, message: string): void {
  reading.problems.push(reading.source.problemAt(path, `${pathText(path)} ${message}`));
}

/** Whether the schema took these values: a rule between keys is asked only about values that are right by themselves. */
export function sound(reading: Reading, ...paths: readonly Path[]): boolean {
  return paths.every((path) => !reading.wrong.has(pathText(path)));
}

/**
 * The bytes of a named file; null when there is none or it cannot be used, which is then a problem at the key.
 * An empty name means no file.
 */
export function readNamed(reading: Reading, path: Path, name: string | undefined): Uint8Array | null {
  if (name === undefined || name === '') return null;
  const content = reading.files.read(name);
  if (content.kind === 'read') return content.bytes;
  const located = reading.files.locate(name);
  complain(reading, path, `names ${located}, which cannot be read: ${whyUnreadable(content.why)}`);
  return null;
}

/** What a PEM file must contain to be of use. */
const PEM_MARKS = {
  certificate: /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/,
  'private key': /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/,
} as const;

/** The text of a named PEM file that holds what it should; null when there is none or it is a problem. */
export function readPem(reading: Reading, path: Path, named: NamedPem): string | null {
  const bytes = readNamed(reading, path, named.name);
  if (bytes === null || named.name === undefined) return null;
  const text = Buffer.from(bytes).toString('latin1');
  if (PEM_MARKS[named.holds].test(text)) return text;
  complain(reading, path, `names ${reading.files.locate(named.name)}, which holds no PEM ${named.holds}`);
  return null;
}

export type NamedPem = { readonly name: string | undefined; readonly holds: keyof typeof PEM_MARKS };

export type CertificateFiles = {
  readonly ca_file?: string | undefined;
  readonly cert_file?: string | undefined;
  readonly key_file?: string | undefined;
};

/** Why a PEM certificate and key cannot be used together, as the end of a sentence; null when they can. */
export function keyPairProblem(cert: string, key: string): string | null {
  try {
    createSecureContext({ cert, key });
    return null;
  } catch (error) {
    // OpenSSL says what it dislikes; it never quotes the key.
    if (error instanceof Error)
      return `holds a certificate and a key that cannot be used together: ${error.message.replace(/^error:[0-9A-F]+:/, '')}`;
    throw error;
  }
}

/** The files of a TLS client: each readable PEM, certificate and key together or not at all. Paths are ready to open. */
export function resolveCertificateFiles(reading: Reading, path: Path, values: CertificateFiles) {
  const [certPath, keyPath] = [
    [...path, 'cert_file'],
    [...path, 'key_file'],
  ];
  readPem(reading, [...path, 'ca_file'], { name: values.ca_file, holds: 'certificate' });
  const cert = readPem(reading, certPath, { name: values.cert_file, holds: 'certificate' });
  const key = readPem(reading, keyPath, { name: values.key_file, holds: 'private key' });
  const mismatch = cert === null || key === null ? null : keyPairProblem(cert, key);
  if (mismatch !== null) complain(reading, path, mismatch);
  const located = (name: string | undefined): string | null =>
    name === undefined || name === '' ? null : reading.files.locate(name);
  const [certFile, keyFile] = [located(values.cert_file), located(values.key_file)];
  if (sound(reading, certPath, keyPath)) {
    if (certFile !== null && keyFile === null) complain(reading, certPath, 'needs key_file beside it');
    if (keyFile !== null && certFile === null) complain(reading, keyPath, 'needs cert_file beside it');
  }
  return { caFile: located(values.ca_file), certFile, keyFile };
}
