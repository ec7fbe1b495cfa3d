/** `npm run tarball [-- ARCH...]`: makes the tarballs for hosts without Node.js, in the ignored folder tarballs/. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Architecture, makeTarballs } from '../deploy/make-tarballs.ts';

const ALL: readonly Architecture[] = ['x64', 'arm64'];
const asked = process.argv.slice(2);
const architectures = ALL.filter((each) => asked.length === 0 || asked.includes(each));
if (asked.some((each) => !ALL.some((known) => known === each))) {
  process.stderr.write(`npm run tarball knows ${ALL.join(' and ')}, not ${asked.join(' ')}\n`);
  process.exit(2);
}
const folder = join(import.meta.dirname, '../tarballs');
mkdirSync(folder, { recursive: true });
for (const path of makeTarballs({ architectures, folder })) process.stdout.write(`${path}\n`);
