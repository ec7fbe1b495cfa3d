// Writes docs/command-line.md from the flag tables of the commands.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLineReference } from './command-line-reference.ts';

writeFileSync(join(import.meta.dirname, '..', 'docs', 'command-line.md'), commandLineReference());
