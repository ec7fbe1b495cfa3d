import { readFile } from 'node:fs/promises';

import type { TlsMaterial } from './collector-connection.ts';
import type { TracePlan } from './plan-export.ts';

/** Reads the files that a plan names. One that cannot be read is left out and `warn` gets a sentence: exports then fail in the open. */
export async function readTlsMaterial(plan: TracePlan, warn: (message: string) => void): Promise<TlsMaterial> {
  const read = async (file: string | null) => {
    if (file === null) return undefined;
    return readFile(file, 'utf8').catch((error: unknown) => {
      warn(
        `${file} cannot be read and is not used for tracing: ${error instanceof Error ? error.message : String(error)}`,
      );
      return undefined;
    });
  };
  const [ca, cert, key] = await Promise.all([read(plan.caFile), read(plan.certFile), read(plan.keyFile)]);
  return { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) };
}
