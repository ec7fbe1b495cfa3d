import { type FileContent, whyUnreadable } from '../../files/file-content.ts';
import type { FileProblem } from '../../text/file-problem.ts';

export type ConfigText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'problem'; readonly problem: FileProblem };

/** The text of a configuration file, which must be UTF-8. */
export function decodeConfig(file: string, content: FileContent): ConfigText {
  if (content.kind === 'unreadable') {
    const message = `cannot be read: ${whyUnreadable(content.why)}`;
    return { kind: 'problem', problem: { file, message } };
  }
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(content.bytes) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { kind: 'problem', problem: { file, message: 'not UTF-8 text' } };
  }
}
