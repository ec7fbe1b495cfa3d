import { type ReadFile, whyUnreadable } from '../../files/file-content.ts';
import type { TlsMaterial } from './collector-connection.ts';
import type { TracePlan } from './plan-export.ts';

export type TlsMaterialOptions = {
  readonly readFile: ReadFile;
  /** Gets a sentence for each file that cannot be read. */
  readonly warn: (message: string) => void;
};

/** Reads the files that a plan names. One that cannot be read is left out and reported: exports then fail in the open. */
export async function readTlsMaterial(plan: TracePlan, { readFile, warn }: TlsMaterialOptions): Promise<TlsMaterial> {
  const read = async (file: string | null) => {
    if (file === null) return undefined;
    const content = await readFile(file);
    if (content.kind === 'read') return Buffer.from(content.bytes).toString('utf8');
    warn(`${file} cannot be read and is not used for tracing: ${whyUnreadable(content.why)}`);
    return undefined;
  };
  const [ca, cert, key] = await Promise.all([read(plan.caFile), read(plan.certFile), read(plan.keyFile)]);
  return { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) };
}
