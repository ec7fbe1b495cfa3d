import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lackOf } from '../deploy/lack-of.ts';
import { type BareMachine, installBareMachine } from './bare-machine.ts';

const lack = lackOf(['root', 'mmdebstrap', 'apt-get', 'chroot', 'unshare', 'ip', 'git', 'tar']);

/**
 * What a newcomer does, where nothing is as on our own machines: Debian 12 with its own Node.js and npm, an ordinary user,
 * a folder with a space, another time zone, 1,024 descriptors. What needs no registry runs without network and IPv6 too.
 */
describe.skipIf(lack.skip)(`on a bare Debian 12${lack.note}`, () => {
  let machine: BareMachine;
  beforeAll(() => {
    machine = installBareMachine();
  });
  afterAll(() => {
    // Not there when the installation failed.
    (machine as BareMachine | undefined)?.remove();
  });

  test('its Node.js is too old', async () => {
    const { output } = await machine.run('node --version');
    expect(output).toMatch(/^v18\./);
  });

  test('npm ci && npm run demo', async () => {
    const { status, output } = await machine.run('npm ci && npm run demo -- --for=8s');
    expect(output).toContain('is too old: installing');
    expect(output).toMatch(/^closes +eof\/fin +eof\/fin \d/m);
    expect(status).toBe(0);
  });

  // The whole of it needs no network, and gets none below; what this Node.js made npm leave out does.
  test('npm ci && npm test, of one folder', async () => {
    const { status, output } = await machine.run('npm ci && npm test -- test/unit/text');
    expect(output).toMatch(/^npm left out .*: installing once more with a newer Node\.js$/m);
    expect(output).toMatch(/^ *Tests +\d+ passed \(\d+\)$/m);
    expect(status).toBe(0);
  });

  test('npm test, without network and IPv6', async () => {
    const { status, output } = await machine.runAlone('npm test');
    expect(output).not.toMatch(/^npm left out/m);
    expect(output).toMatch(/^ *Tests +\d+ passed/m);
    expect(status).toBe(0);
  });
});
