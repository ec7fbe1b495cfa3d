import type { StartResult } from '../settings/start-result.ts';
import type { Part } from './part.ts';

/** Starts the parts in their order, up to the first that fails. The caller then stops them all. */
export async function startParts(parts: readonly Part[]): Promise<StartResult> {
  const listening: string[] = [];
  for (const part of parts) {
    const result = (await part.start?.()) ?? { kind: 'started', listening: [] };
    if (result.kind === 'failed') return result;
    listening.push(...result.listening);
  }
  return { kind: 'started', listening };
}
