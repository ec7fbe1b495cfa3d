import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LIMIT_MS = 4000;
const STEPS = '--steps=2s,3s,5s,6s,7s';
const BEGIN = '<!-- a run of measure: written by `npm run screenshots` -->';
const END = '<!-- end of the run -->';

/** Writes a run of `finrst measure` against a server of ours that closes after 4 s into docs/measure.md, its conclusion into the README. */
export async function writeMeasureRun(): Promise<void> {
  const server = createServer((socket) => {
    socket.on('error', () => {}).resume();
    setTimeout(() => socket.end(), LIMIT_MS).unref();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const peer = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const printed = await outputOf(['measure', peer, STEPS]);
  server.close();
  if (!printed.includes('\nLIMIT ')) throw new Error(`no limit was found:\n${printed}`);
  const conclusion = printed.slice(printed.indexOf('LIMIT '), printed.indexOf('\n\nTo paste:'));
  const command = `$ finrst measure ${peer} ${STEPS}`;
  replaceIn('docs/measure.md', `${command} | cat\n${printed}`);
  replaceIn('README.md', `${command}\n...\n${conclusion}`);
}

/** What it prints into a pipe. */
async function outputOf(args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [`${ROOT}/src/main.ts`, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  await once(child, 'close');
  return text.trimEnd();
}

/** As indented code, so that no line of it is Markdown. */
function replaceIn(path: string, run: string): void {
  const file = `${ROOT}/${path}`;
  const text = readFileSync(file, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${path} has no place for the run`);
  const code = run.replaceAll(/^(?=.)/gm, '    ');
  writeFileSync(file, `${before}${BEGIN}\n\n${code}\n\n${END}${after}`);
}
