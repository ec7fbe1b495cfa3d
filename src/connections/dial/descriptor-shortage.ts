import { closeSync, openSync } from 'node:fs';

/**
 * The errno where no descriptor is left at this moment (EMFILE: ours are used up, ENFILE: those of the host); null where
 * one is. getaddrinfo(3) without a descriptor answers what a broken resolver answers, so it has to be asked for apart.
 */
export function descriptorShortage(): 'EMFILE' | 'ENFILE' | null {
  try {
    closeSync(openSync('/dev/null', 'r'));
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EMFILE' || code === 'ENFILE' ? code : null;
  }
}
