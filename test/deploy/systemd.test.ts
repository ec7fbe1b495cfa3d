import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { PROGRAM_ENV, PROGRAM_FLAGS } from '../support/program-flags.ts';
import { readFile } from '../support/read-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { lackOf } from './lack-of.ts';
import { ROOT } from './rendered-chart.ts';

const FOLDER = join(ROOT, 'deploy/systemd');
const UNIT = readFileSync(join(FOLDER, 'finrst.service'), 'utf8');
/** In tenths, as `systemd-analyze security` counts from 0 (safe) to 100; what is left is the network and V8's memory. */
const GREATEST_EXPOSURE = 11;
/** The same with observe.conf: user 0, whose user namespace is the host's and who sees all processes. */
const OBSERVING_EXPOSURE = 20;
const lack = lackOf(['systemd-analyze']);

describe('deploy/systemd', () => {
  test('the sample configuration is one that Finrst takes', async () => {
    const result = await loadConfig({ file: join(FOLDER, 'finrst.yml'), readFile });
    expect(result.kind).toBe('loaded');
  });

  test('the unit starts Node.js as the tarball does, on the files that the tarball has there', () => {
    const script = readFileSync(join(ROOT, 'deploy/tarball/finrst'), 'utf8');
    const [, flags] = /node" (.*) "\$here/.exec(script) ?? [];
    expect(valuesOf('ExecStart')[0]).toContain(`/opt/finrst/node/bin/node ${flags} /opt/finrst/dist/main.js serve `);
    expect(flags?.split(' ')).toEqual(['--enable-source-maps', ...PROGRAM_FLAGS]);
    for (const [name, value] of Object.entries(PROGRAM_ENV)) {
      expect(valuesOf('Environment')[0]?.split(' ')).toContain(`${name}=${value}`);
      expect(script).toMatch(new RegExp(`^export .*${name}="\\$\\{${name}:-${value}\\}"`, 'm'));
    }
  });

  test('bin/finrst finds its Node.js through a symbolic link, in a folder with a space, with an empty PATH', () => {
    const installed = join(temporaryFolder(), 'a b');
    for (const each of ['bin', 'node/bin', 'link']) mkdirSync(join(installed, each), { recursive: true });
    cpSync(join(ROOT, 'deploy/tarball/finrst'), join(installed, 'bin/finrst'));
    writeFileSync(join(installed, 'node/bin/node'), '#!/bin/sh\necho "$MALLOC_ARENA_MAX $*"\n', { mode: 0o755 });
    symlinkSync('../bin/finrst', join(installed, 'link/finrst'));
    const { stdout, stderr } = spawnSync(join(installed, 'link/finrst'), ['check', 'a'], {
      env: { PATH: '' },
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^2 .*\/a b\/bin\/\.\.\/dist\/main\.js check a\n$/);
  });

  test('the user it runs as is the one that sysusers makes', () => {
    const user = /^u (\S+) /m.exec(readFileSync(join(FOLDER, 'finrst.sysusers.conf'), 'utf8'))?.[1];
    expect([valuesOf('User'), valuesOf('Group')]).toEqual([[user], [user]]);
  });

  test('the check at start and reload is of the file that is served, and comes before the signal', () => {
    const [, file] = /--config\.file=(\S+)/.exec(valuesOf('ExecStart')[0] ?? '') ?? [];
    const check = `/opt/finrst/bin/finrst check ${file}`;
    expect(valuesOf('ExecStartPre')).toEqual([check]);
    expect(valuesOf('ExecReload')).toEqual([check, "/bin/sh -c 'kill -HUP $MAINPID'"]);
  });

  test('it starts again, and has descriptors, as docs/hosts.md says', () => {
    const page = readFileSync(join(ROOT, 'docs/hosts.md'), 'utf8');
    const [, seconds] = /is tried again every (\d+) seconds/.exec(page) ?? [];
    expect([valuesOf('Restart'), valuesOf('RestartSec')]).toEqual([['on-failure'], [`${seconds}s`]]);
    expect(page).toContain(`\`LimitNOFILE\` is ${valuesOf('LimitNOFILE')[0]}: `);
    expect(page).toContain(`--ulimit nofile=${valuesOf('LimitNOFILE')[0]} `);
    // By default systemd gives up after five starts in ten seconds.
    expect(Number(seconds)).toBeGreaterThan(10 / 5);
  });

  test('the journal lies in the folder that systemd makes, and the daemon is not killed before it has stopped', () => {
    expect(valuesOf('ExecStart')[0]).toContain(`--events.file=/var/lib/${valuesOf('StateDirectory')[0]}/events.jsonl`);
    expect(Number.parseInt(valuesOf('TimeoutStopSec')[0] ?? '', 10)).toBeGreaterThan(10);
  });
});

describe.skipIf(lack.skip)(`deploy/systemd, by systemd itself${lack.note}`, () => {
  const folder = folderWithPrograms();
  const file = join(folder, 'finrst.service');
  const analyze = (text: string, ...args: readonly string[]) => {
    writeFileSync(file, text.replaceAll('/opt/finrst/', `${folder}/`));
    const { status, stdout, stderr } = spawnSync('systemd-analyze', [...args, file], { encoding: 'utf8' });
    return { status, output: stdout + stderr };
  };

  test('verify has nothing to say', () => {
    expect(analyze(UNIT, '--man=no', 'verify')).toEqual({ status: 0, output: '' });
  });

  test.each([
    ['a program that is not there', 'node/bin/node', 'node/bin/missing'],
    ['a misspelt key', 'LimitNOFILE=', 'LimitNFILE='],
    ['a section without its service', 'ExecStart=', '#ExecStart='],
  ])('verify sees %s', (_what, from, to) => {
    expect(analyze(UNIT.replace(from, to), '--man=no', 'verify').output).not.toBe('');
  });

  test(`security says at most ${GREATEST_EXPOSURE / 10}`, () => {
    const args = ['security', '--offline=true', '--no-pager', `--threshold=${GREATEST_EXPOSURE}`];
    const { status, output } = analyze(UNIT, ...args);
    expect(status, output).toBe(0);
    expect(output).toContain(`Overall exposure level for finrst.service: ${GREATEST_EXPOSURE / 10} OK`);
    expect(analyze(UNIT.replace('CapabilityBoundingSet=\n', ''), ...args).status).not.toBe(0);
  });
});

describe.skipIf(lack.skip)(`deploy/systemd/observe.conf, by systemd itself${lack.note}`, () => {
  const folder = folderWithPrograms();
  const file = join(folder, 'finrst.service');
  writeFileSync(file, UNIT.replaceAll('/opt/finrst/', `${folder}/`));
  const dropIn = join(folder, 'finrst.service.d/observe.conf');
  mkdirSync(dirname(dropIn));
  const analyze = (text: string, ...args: readonly string[]) => {
    writeFileSync(dropIn, text);
    const { status, stdout, stderr } = spawnSync('systemd-analyze', [...args, file], { encoding: 'utf8' });
    return { status, output: stdout + stderr };
  };
  const conf = readFileSync(join(FOLDER, 'observe.conf'), 'utf8');

  test('verify has nothing to say, and sees a misspelt key', () => {
    expect(analyze(conf, '--man=no', 'verify')).toEqual({ status: 0, output: '' });
    expect(analyze(conf.replace('ProtectProc', 'ProtectPorc'), '--man=no', 'verify').output).not.toBe('');
  });

  test(`security says ${(OBSERVING_EXPOSURE / 10).toFixed(1)}: all other confinement stays`, () => {
    const args = ['security', '--offline=true', '--no-pager', `--threshold=${OBSERVING_EXPOSURE}`];
    const { output } = analyze(conf, ...args);
    expect(output).toContain(`Overall exposure level for finrst.service: ${(OBSERVING_EXPOSURE / 10).toFixed(1)} OK`);
  });
});

/** A folder with the programs of the unit, where a test may put them; it goes when the tests around are over. */
function folderWithPrograms(): string {
  const folder = mkdtempSync(join(tmpdir(), 'finrst-unit-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  for (const program of ['bin/finrst', 'node/bin/node']) {
    mkdirSync(dirname(join(folder, program)), { recursive: true });
    writeFileSync(join(folder, program), '#!/bin/sh\n');
    chmodSync(join(folder, program), 0o755);
  }
  return folder;
}

/** Every value of a key of the unit, in order. */
function valuesOf(key: string): readonly string[] {
  return [...UNIT.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value);
}
