import type { Path } from '../../yaml/path.ts';
import { keyPairProblem } from './key-pair-problem.ts';
import { readPem } from './read-pem.ts';
import { addProblem, isValid, type ResolveContext } from './resolve-context.ts';

export type CertificateFiles = {
  readonly ca_file?: string | undefined;
  readonly cert_file?: string | undefined;
  readonly key_file?: string | undefined;
};

/** The files of a TLS client: each readable PEM, certificate and key together or not at all. Paths are ready to open. */
export function resolveCertificateFiles(context: ResolveContext, path: Path, values: CertificateFiles) {
  const [certPath, keyPath] = [
    [...path, 'cert_file'],
    [...path, 'key_file'],
  ];
  readPem(context, [...path, 'ca_file'], { name: values.ca_file, holds: 'certificate' });
  const cert = readPem(context, certPath, { name: values.cert_file, holds: 'certificate' });
  const key = readPem(context, keyPath, { name: values.key_file, holds: 'private key' });
  const mismatch = cert === null || key === null ? null : keyPairProblem(cert, key);
  if (mismatch !== null) addProblem(context, path, mismatch);
  const located = (name: string | undefined): string | null =>
    name === undefined || name === '' ? null : context.files.locate(name);
  const [certFile, keyFile] = [located(values.cert_file), located(values.key_file)];
  if (isValid(context, certPath, keyPath)) {
    if (certFile !== null && keyFile === null) addProblem(context, certPath, 'needs key_file beside it');
    if (keyFile !== null && certFile === null) addProblem(context, keyPath, 'needs cert_file beside it');
  }
  return { caFile: located(values.ca_file), certFile, keyFile };
}
