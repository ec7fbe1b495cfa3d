import type { Clock, Timer } from '../../clock/clock.ts';
import { type ReadFile, whyUnreadable } from '../../files/file-content.ts';
import { SERVICE_ACCOUNT_FOLDER } from './api-access.ts';

export type OwnNamespaceAnswer = {
  /** Called once, with the namespace. */
  readonly found: (namespace: string) => void;
  /** Called each time that it cannot be read; it is tried again. */
  readonly failed: (why: string) => void;
};

/** The file is mounted with the container: where it is not there, somebody has to change the pod. */
const RETRY_MS = 30_000;
/** RFC 1123, as the API server takes names of namespaces. */
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Reads the namespace that the process runs in, from its service account, until it is known. */
export function readOwnNamespace(
  { clock, readFile }: { readonly clock: Pick<Clock, 'after'>; readonly readFile: ReadFile },
  { found, failed }: OwnNamespaceAnswer,
): { readonly cancel: () => void } {
  const path = `${SERVICE_ACCOUNT_FOLDER}/namespace`;
  let isCancelled = false;
  let timer: Timer | null = null;
  const read = async (): Promise<void> => {
    const content = await readFile(path);
    if (isCancelled) return;
    const text = content.kind === 'read' ? Buffer.from(content.bytes).toString().trim() : '';
    if (NAMESPACE.test(text)) return found(text);
    const why = content.kind === 'read' ? 'it holds no namespace' : whyUnreadable(content.why);
    failed(`${path} does not say which namespace this is: ${why}`);
    timer = clock.after(RETRY_MS, () => void read());
  };
  void read();
  return {
    cancel: () => {
      isCancelled = true;
      timer?.cancel();
    },
  };
}
