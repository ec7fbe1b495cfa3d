import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Architecture, makeTarballs } from '../../deploy/make-tarballs.ts';
import { lackOf } from '../deploy/lack-of.ts';
import { type BareMachine, installBareMachine } from './bare-machine.ts';
import { SCRAPE, addPeer, documentedInstallation, documentedObserving, untilLogged } from './host-service.ts';
import { entriesOf, fileIn, machineOf } from './tarball-contents.ts';

const lack = lackOf(['root', 'mmdebstrap', 'apt-get', 'chroot', 'unshare', 'ip', 'git', 'tar', 'gzip', 'nsenter']);

/**
 * What a newcomer does, where nothing is as on our own machines: Debian 12 with its own Node.js and npm, an ordinary user,
 * a folder with a space, another time zone, 1,024 descriptors. What needs no registry runs without network and IPv6 too.
 */
describe.skipIf(lack.skip)(`on a bare Debian 12${lack.note}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'finrst-tarballs-'));
  const own = process.arch as Architecture;
  const architectures: readonly Architecture[] = [own, own === 'x64' ? 'arm64' : 'x64'];
  let machine: BareMachine;
  let tarballs: ReadonlyMap<Architecture, string>;
  let madeAgain: string;
  beforeAll(async () => {
    // The installer is a process of its own, which works while the tarballs are made: one of them twice.
    const installing = installBareMachine();
    const paths = makeTarballs({ architectures, folder });
    tarballs = new Map(architectures.map((each, index) => [each, paths[index] ?? '']));
    madeAgain = makeByOthers(own, join(folder, 'again'));
    machine = await installing;
  });
  afterAll(() => {
    // Not there when the installation failed.
    (machine as BareMachine | undefined)?.remove();
    rmSync(folder, { recursive: true });
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
  // On what that `npm ci` left: to install once more would prove nothing else.
  test('npm test, of one folder', async () => {
    const { status, output } = await machine.run('npm test -- test/unit/text');
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

  describe('the tarballs', () => {
    test('are the same bytes when they are made again, by somebody with other rights', () => {
      expect(sha256(madeAgain)).toBe(sha256(tarballs.get(own) ?? ''));
    });

    test.each(architectures)(
      'for %s: what runs on that machine, with its licences, and nothing else',
      (architecture) => {
        const tarball = tarballs.get(architecture) ?? '';
        expect(basename(tarball)).toMatch(new RegExp(`^finrst-\\d+\\.\\d+\\.\\d+-linux-${architecture}\\.tar\\.gz$`));
        const entries = entriesOf(tarball);
        const paths = entries.map(({ path }) => path);
        expect(new Set(entries.map(({ owner }) => owner))).toEqual(new Set(['0/0']));
        expect(new Set(entries.map(({ date }) => date)).size).toBe(1);
        for (const { rights, path } of entries) expect(rights.slice(4), path).toMatch(/^r-[x-]r-[x-]$/);
        const native = fileIn(
          tarball,
          `node_modules/@koromix/koffi-linux-${architecture}/linux_${architecture}/koffi.node`,
        );
        expect(machineOf(native)).toBe(architecture);
        expect(machineOf(fileIn(tarball, 'node/bin/node'))).toBe(architecture);
        expect(new Set(paths.flatMap((path) => /koffi-(?:linux|darwin|win32)-\w+/.exec(path)?.[0] ?? []))).toEqual(
          new Set([`koffi-linux-${architecture}`]),
        );
        // Its licence is koffi's own.
        const packages = paths.flatMap((path) => /^(node_modules\/.*)\/package\.json$/.exec(path)?.[1] ?? []);
        const bare = packages.filter((name) => /node_modules\/(?:@[^/]+\/)?[^/]+$/.test(name));
        const unlicensed = bare.filter(
          (name) => !paths.some((path) => path.startsWith(`${name}/`) && /\/licen[cs]e[^/]*$/i.test(path)),
        );
        expect(unlicensed).toEqual([`node_modules/@koromix/koffi-linux-${architecture}`]);
        expect(paths).toEqual(
          expect.arrayContaining(['LICENSE', 'node/LICENSE', 'bin/finrst', 'systemd/finrst.service']),
        );
        for (const tool of ['typescript', 'vitest', 'oxlint']) expect(packages).not.toContain(`node_modules/${tool}`);
        expect(paths.filter((path) => /package-lock|\.npmrc|\.bin\//.test(path))).toEqual([]);
      },
    );

    test('installed as docs/hosts.md says, its service holds a peer, refuses a wrong configuration, ends in order', async () => {
      const tarball = tarballs.get(own) ?? '';
      copyFileSync(tarball, join(machine.root, 'root', basename(tarball)));
      addPeer(machine.root);
      const booted = await machine.boot();
      onTestFinished(() => booted.halt());
      const outputOf = async (command: string): Promise<string> => {
        const { status, output } = await booted.run(command);
        expect(status, command).toBe(0);
        return output;
      };
      const refused = async (command: string): Promise<void> => expect((await booted.run(command)).status).not.toBe(0);
      await refused('node --version');
      await refused('npm --version');

      await outputOf(`set -e\nsystemctl daemon-reload\nsystemctl start peer.socket\n${documentedInstallation()}`);
      expect(await outputOf('systemd-analyze --man=no verify finrst.service')).toBe('');
      await outputOf(untilLogged('msg="connection established"'));
      expect(await outputOf('finrst healthcheck')).toBe('ready\n');
      expect(await outputOf('finrst explain fin')).toContain('eof/fin: ');
      const facts = await outputOf(
        'cd /proc/$(systemctl show --value --property MainPID finrst) && readlink exe && cat status limits',
      );
      expect(facts).toMatch(/^\/opt\/finrst-[^/]*\/node\/bin\/node\n/);
      expect(facts).toMatch(/^CapEff:\t0{16}$/m);
      expect(facts).toMatch(/^NoNewPrivs:\t1$/m);
      expect(facts).toMatch(/^Seccomp:\t2$/m);
      expect(facts).toMatch(/^Max open files +(\d+) +\1 /m);
      const held = await outputOf(SCRAPE);
      expect(held).toContain('finrst_peer_up{group="redis",peer="127.0.0.1:6379"} 1');
      expect(held).toContain('finrst_kernel_evidence 1');
      expect(held).toMatch(/^finrst_build_info\{[^}]*revision="[0-9a-f]{40}"/m);

      await refused("echo 'groups: [{ nam: x }]' >/etc/finrst/finrst.yml && systemctl reload finrst");
      expect(await outputOf('journalctl --boot --unit finrst --output cat')).toContain('/etc/finrst/finrst.yml:1:12: ');
      expect(await outputOf(SCRAPE)).toContain('finrst_peer_up{group="redis",peer="127.0.0.1:6379"} 1');
      await outputOf(
        'sed s/redis/cache/ /opt/finrst/systemd/finrst.yml >/etc/finrst/finrst.yml && systemctl reload finrst',
      );
      await outputOf(untilLogged('group=cache'));
      const sum = (await outputOf('sha256sum /etc/finrst/finrst.yml')).slice(0, 12);
      expect(await outputOf(SCRAPE)).toContain(`finrst_config_info{sha256="${sum}"} 1`);

      // With the drop-in it observes, as user 0 without a capability; and back.
      await outputOf('mountpoint -q /sys/kernel/tracing || mount -t tracefs nodev /sys/kernel/tracing 2>&1');
      await outputOf(`set -e\n${documentedObserving()}`);
      const seen =
        'groups: [{ name: seen, hold: false, observe: {}, static_configs: [{ targets: ["127.0.0.1:6379"] }] }]';
      await outputOf(`echo '${seen}' >/etc/finrst/finrst.yml && systemctl restart finrst`);
      await outputOf(untilLogged('msg="connections of other processes are observed"'));
      const status = 'cat /proc/$(systemctl show --value --property MainPID finrst)/status';
      expect(await outputOf(status)).toMatch(/^Uid:\t0\t[^]*^CapEff:\t0{16}$/m);
      const confined = 'nsenter --target $(systemctl show --value --property MainPID finrst) --mount sh -c';
      await refused(`${confined} 'echo 1 >/proc/sys/kernel/panic_on_oops'`);
      await outputOf('exec 4<>/dev/tcp/127.0.0.1/6379; sleep 1; exec 4>&-; sleep 1');
      const observed = await outputOf(SCRAPE);
      expect(observed).toContain('finrst_observer_up 1');
      expect(observed).toContain('finrst_observed_connects_total{group="seen",peer="127.0.0.1:6379"} 1');
      await outputOf(
        'rm -r /etc/systemd/system/finrst.service.d && cp /opt/finrst/systemd/finrst.yml /etc/finrst/finrst.yml && systemctl daemon-reload && systemctl restart finrst',
      );
      await outputOf('finrst healthcheck --wait=20s');

      await outputOf('systemctl stop finrst');
      expect(await outputOf('systemctl show --property Result,ExecMainStatus finrst')).toBe(
        'Result=success\nExecMainStatus=0\n',
      );
      expect(await outputOf('stat --format "%U %a" /var/lib/finrst /var/lib/finrst/events.jsonl')).toBe(
        'finrst 750\nfinrst 600\n',
      );
      expect(await outputOf('tail -n 1 /var/lib/finrst/events.jsonl')).toContain('"type":"stopped"');
      await refused("echo 'groups: 7' >/etc/finrst/finrst.yml && systemctl start finrst");
      // Its systemd takes its devices for itself: they must not be this machine's.
      expect(statSync('/dev/null').mode & 0o777).toBe(0o666);
    });
  });
});

/** Makes a tarball as a user would whose files nobody else may read. */
function makeByOthers(architecture: Architecture, folder: string): string {
  mkdirSync(folder);
  const umask = process.umask(0o077);
  try {
    return makeTarballs({ architectures: [architecture], folder })[0] ?? '';
  } finally {
    process.umask(umask);
  }
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
