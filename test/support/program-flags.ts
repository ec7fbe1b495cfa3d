import { createRequire } from 'node:module';

type Launcher = { readonly programFlags: readonly string[] };

/** The flags of Node.js that users' daemons run with: what measures or attacks one starts it with the same. */
export const PROGRAM_FLAGS = (createRequire(import.meta.url)('../../scripts/launch.cjs') as Launcher).programFlags;
