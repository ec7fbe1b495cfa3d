import { createRequire } from 'node:module';

type Launcher = {
  readonly programFlags: readonly string[];
  readonly programEnv: Readonly<Record<string, string>>;
};
const launcher = createRequire(import.meta.url)('../../scripts/launch.cjs') as Launcher;

/** The flags of Node.js that users' daemons run with: what measures or attacks one starts it with the same. */
export const PROGRAM_FLAGS = launcher.programFlags;

/** The variables that they run with. */
export const PROGRAM_ENV = launcher.programEnv;
