import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPeer } from '../support/loopback-peer.ts';
import { PROGRAM_FLAGS } from '../support/program-flags.ts';
import { type BuiltImage, buildImage, megabytesIn } from './built-image.ts';
import { lackOf } from './lack-of.ts';
import { type RunningContainer, runContainer } from './run-container.ts';

const lack = lackOf(['root', 'buildah', 'npm', 'ldd', 'find', 'unshare', 'nsenter', 'setpriv', 'chroot', 'du']);
/** Of the application on top of the base: packages, compiled code, bill of materials. It was 29 MB when this was written. */
const GREATEST_MEGABYTES = 40;

describe.skipIf(lack.skip)(`the image, built by its own Dockerfile${lack.note}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'finrst-image-config-'));
  let image: BuiltImage;
  const running: RunningContainer[] = [];
  beforeAll(async () => {
    // The container's user is not this one.
    chmodSync(folder, 0o755);
    image = await buildImage({ VERSION: '9.8.7', REVISION: 'f1e2d3', SOURCE: 'https://finrst.example' });
  });
  afterAll(async () => {
    for (const container of running) await container.kill();
    // Not there when the build failed.
    await (image as BuiltImage | undefined)?.remove();
    rmSync(folder, { recursive: true });
  });

  const run = (...args: readonly string[]): RunningContainer => {
    const [uid = Number.NaN, gid = Number.NaN] = image.config.User.split(':').map(Number);
    const env = Object.fromEntries(
      image.config.Env.map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]),
    );
    const argv = [...image.config.Entrypoint, ...args];
    const container = runContainer({
      root: image.root,
      argv,
      env,
      uid,
      gid,
      mounts: [{ from: folder, to: '/tmp', readOnly: true }],
    });
    running.push(container);
    return container;
  };

  test('says what it is in its labels, its user and its port', () => {
    expect(image.config).toMatchObject({
      User: '65532:65532',
      WorkingDir: '/app',
      ExposedPorts: { '10346/tcp': {} },
      Entrypoint: ['/nodejs/bin/node', '--enable-source-maps', ...PROGRAM_FLAGS, '/app/dist/main.js'],
      Labels: {
        'org.opencontainers.image.title': 'finrst',
        'org.opencontainers.image.version': '9.8.7',
        'org.opencontainers.image.revision': 'f1e2d3',
        'org.opencontainers.image.source': 'https://finrst.example',
        'org.opencontainers.image.licenses': 'Apache-2.0',
      },
    });
    expect(image.config.Healthcheck?.Test).toEqual(['CMD', '/nodejs/bin/node', '/app/dist/main.js', 'healthcheck']);
  });

  test('holds the application and nothing else: no sources, no tests, no launcher, no compiler, no shell', async () => {
    expect(readdirSync(join(image.root, 'app')).toSorted()).toEqual([
      'dist',
      'docs',
      'node_modules',
      'package.json',
      'sbom.cdx.json',
    ]);
    const packages = readdirSync(join(image.root, 'app/node_modules'));
    expect(packages).toContain('prom-client');
    for (const tool of ['typescript', 'vitest', 'oxlint', 'kubernetes-models']) expect(packages).not.toContain(tool);
    for (const path of ['bin/sh', 'usr/local/bin/npm', 'app/.node', 'app/scripts', 'app/src']) {
      expect(existsSync(join(image.root, path)), path).toBe(false);
    }
    const size = await megabytesIn(join(image.root, 'app'));
    process.stderr.write(`the application in the image is ${size.toFixed(1)} MB\n`);
    expect(size).toBeLessThan(GREATEST_MEGABYTES);
  });

  test('carries a bill of materials of what runs, with versions', () => {
    const bill = JSON.parse(readFileSync(join(image.root, 'app/sbom.cdx.json'), 'utf8')) as Bill;
    expect(bill.bomFormat).toBe('CycloneDX');
    const { dependencies } = JSON.parse(readFileSync(join(image.root, 'app/package.json'), 'utf8')) as Manifest;
    for (const [name, version] of Object.entries(dependencies)) {
      expect(bill.components.map(({ purl }) => decodeURIComponent(purl))).toContain(`pkg:npm/${name}@${version}`);
    }
    expect(bill.components.map(({ name }) => name)).not.toContain('vitest');
  });

  test('runs as PID 1 without any privilege, holds a peer, is scraped, tells its health, and exits 0 on SIGTERM', async () => {
    const peer = await startPeer();
    writeFileSync(
      join(folder, 'finrst.yml'),
      `groups: [{ name: image, static_configs: [{ targets: ["127.0.0.1:${peer.port}"] }] }]\n`,
    );
    const daemon = run('serve', '--config.file=/tmp/finrst.yml', '--web.listen-address=127.0.0.1:0');
    try {
      await daemon.untilSaid(/msg=started.*listening=\S+/);
      const held = await peer.accepted();
      const status = daemon.status();
      expect(status.get('NSpid')?.split(/\s+/).at(-1)).toBe('1');
      expect(status.get('Uid')).toBe('65532\t65532\t65532\t65532');
      expect(status.get('CapEff')).toBe('0000000000000000');
      expect(status.get('CapPrm')).toBe('0000000000000000');
      expect(status.get('NoNewPrivs')).toBe('1');

      const base = `http://${/listening=(\S+)/.exec(daemon.said())?.[1]}`;
      await daemon.untilSaid(/peer=127\.0\.0\.1:\d+/);
      const metrics = await (await fetch(`${base}/metrics`)).text();
      expect(metrics).toContain(`finrst_peer_up{group="image",peer="127.0.0.1:${peer.port}"} 1`);
      expect(metrics).toMatch(/finrst_build_info\{[^}]*revision="f1e2d3"/);
      expect(metrics).toContain('finrst_kernel_evidence 1');

      const healthy = run('healthcheck', `--url=${base}/-/ready`);
      expect(await healthy.exited, healthy.said()).toBe(0);

      let firstSeen = 'nothing';
      held.once('end', () => (firstSeen = 'FIN')).once('error', () => (firstSeen = 'reset'));
      held.resume().once('end', () => held.end());
      daemon.signal('SIGTERM');
      expect(await daemon.exited, daemon.said()).toBe(0);
      expect(firstSeen).toBe('FIN');
      const gone = run('healthcheck', `--url=${base}/-/ready`);
      expect(await gone.exited).toBe(1);
    } finally {
      await peer.close();
    }
  });

  test('has a root that cannot be written to, and needs no writing', async () => {
    const status = run('check', '/tmp/missing.yml');
    expect(await status.exited).toBe(1);
    // The container's files are a read-only mount; what the process tries shows in its own words.
    const [, , main = ''] = image.config.Entrypoint;
    const write = runContainer({
      root: image.root,
      argv: ['/nodejs/bin/node', '-e', `require('node:fs').writeFileSync('${main}', '')`],
      env: {},
      uid: 65_532,
      gid: 65_532,
    });
    expect(await write.exited).not.toBe(0);
    expect(write.said()).toContain('EROFS');
  });

  test('carries the page that `explain` prints', async () => {
    const explained = run('explain', 'tcp/refused');
    expect(await explained.exited).toBe(0);
    expect(explained.said()).toContain('A RST or ICMP port unreachable answered our SYN');
  });

  test('has `finrst` on its PATH, as `kubectl exec` looks for it', async () => {
    const path = image.config.Env.find((each) => each.startsWith('PATH='))?.slice('PATH='.length) ?? '';
    const program = path
      .split(':')
      .map((each) => join(each, 'finrst'))
      .find((file) => existsSync(join(image.root, file)));
    writeFileSync(join(folder, 'wrong.yml'), 'groups: 7\n');
    const mounts = [{ from: folder, to: '/tmp', readOnly: true }];
    const argv = [program ?? 'missing', 'check', '/tmp/wrong.yml'];
    const container = runContainer({ root: image.root, argv, env: {}, uid: 65_532, gid: 65_532, mounts });
    running.push(container);
    expect(await container.exited).toBe(1);
    expect(container.said()).toContain('/tmp/wrong.yml:1:9: ');
  });

  test('keeps the licences of what it carries', () => {
    for (const file of ['qs/LICENSE.md', 'ms/license.md', 'express/LICENSE'])
      expect(existsSync(join(image.root, 'app/node_modules', file)), file).toBe(true);
  });

  test('reads what `check` is given, and exits as told', async () => {
    writeFileSync(join(folder, 'good.yml'), 'groups: []\n');
    expect(await run('check', '/tmp/good.yml').exited).toBe(0);
    expect(await run('serve', '--config.file=/tmp/missing.yml').exited).toBe(2);
  });
});

type Bill = {
  readonly bomFormat: string;
  readonly components: readonly { readonly name: string; readonly purl: string }[];
};
type Manifest = { readonly dependencies: Readonly<Record<string, string>> };
