import type { Path } from '../../yaml/path.ts';
import { readNamedFile } from './read-named-file.ts';
import { addProblem, type ResolveContext } from './resolve-context.ts';

/** What a PEM file must contain to be of use. */
const PEM_MARKS = {
  certificate: /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/,
  'public key': /-----BEGIN (?:RSA )?PUBLIC KEY-----/,
  'private key': /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/,
} as const;

/** The text of a named PEM file that holds what it should; null when there is none or it is a problem. */
export function readPem(context: ResolveContext, path: Path, named: NamedPem): string | null {
  const bytes = readNamedFile(context, path, named.name);
  if (bytes === null || named.name === undefined) return null;
  const text = Buffer.from(bytes).toString('latin1');
  if (PEM_MARKS[named.holds].test(text)) return text;
  addProblem(context, path, `names ${context.files.locate(named.name)}, which holds no PEM ${named.holds}`);
  return null;
}

export type NamedPem = { readonly name: string | undefined; readonly holds: keyof typeof PEM_MARKS };
