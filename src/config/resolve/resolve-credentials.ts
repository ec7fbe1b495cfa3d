import { readPassword } from '../../settings/password.ts';
import type { Credentials } from '../../settings/protocol-settings.ts';
import type { Path } from '../../yaml/path.ts';
import { readNamedFile } from './read-named-file.ts';
import { addProblem, isValid, type ResolveContext } from './resolve-context.ts';

/** Where nobody logs in. */
export const NOBODY: Credentials = { username: null, passwordFile: null };

/** The path to open at each connect; the file must hold a password now. */
export function resolvePasswordFile(context: ResolveContext, path: Path, name: string | undefined): string | null {
  if (name === undefined || name === '') return null;
  const located = context.files.locate(name);
  const bytes = readNamedFile(context, path, name);
  const answer = bytes === null ? null : readPassword(bytes);
  if (answer?.kind === 'unusable') addProblem(context, path, `names ${located}, which ${answer.why}`);
  return located;
}

type Written = { readonly username?: string | undefined; readonly password_file?: string | undefined };

/** A name and its password, or neither; one without the other is a problem. */
export function resolveCredentials(context: ResolveContext, path: Path, written: Written): Credentials {
  const passwordFile = resolvePasswordFile(context, [...path, 'password_file'], written.password_file);
  const username = written.username ?? null;
  const isWhole = isValid(context, [...path, 'username'], [...path, 'password_file']);
  if (username !== null && passwordFile === null && isWhole)
    addProblem(context, [...path, 'username'], 'needs password_file beside it');
  if (username === null && passwordFile !== null && isWhole)
    addProblem(context, [...path, 'password_file'], 'needs username beside it');
  return { username, passwordFile };
}
