import { whyUnreadable } from '../../files/file-content.ts';
import type { Path } from '../../yaml/path.ts';
import { addProblem, type ResolveContext } from './resolve-context.ts';

/**
 * The bytes of a named file; null when there is none or it cannot be used, which is then a problem at the key.
 * An empty name means no file.
 */
export function readNamedFile(context: ResolveContext, path: Path, name: string | undefined): Uint8Array | null {
  if (name === undefined || name === '') return null;
  const content = context.files.read(name);
  if (content.kind === 'read') return content.bytes;
  const located = context.files.locate(name);
  addProblem(context, path, `names ${located}, which cannot be read: ${whyUnreadable(content.why)}`);
  return null;
}
