import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { readFile } from '../support/read-file.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { lackOf } from './lack-of.ts';
import { type Loose, ROOT } from './rendered-chart.ts';

const FOLDER = join(ROOT, 'deploy/compose');
const folder = mkdtempSync(join(tmpdir(), 'finrst-compose-'));
afterAll(() => rmSync(folder, { recursive: true }));
const compose: Loose = read('compose.yaml');
const services = Object.entries(compose.services as Record<string, Loose>);
const programs = lackOf(['promtool', 'amtool']);
const composer = lackOf(['docker-compose']);

describe('deploy/compose', () => {
  test('mounts only what is there, and files of this tree read-only', () => {
    const mounts = services.flatMap(([, { volumes = [] }]) => volumes as string[]).map((mount) => mount.split(':'));
    const own = mounts.filter(([source = '']) => source.startsWith('.'));
    expect(own.length).toBeGreaterThan(6);
    for (const [source = '', , mode] of own) {
      expect(existsSync(join(FOLDER, source)), source).toBe(true);
      expect(mode).toBe('ro');
    }
    const named = mounts.map(([source = '']) => source).filter((source) => !source.startsWith('.'));
    expect(new Set(named)).toEqual(new Set(Object.keys(compose.volumes as object)));
  });

  test('opens ports to this machine only, and pins images', () => {
    for (const [name, { image, ports = [] }] of services) {
      for (const port of ports as string[]) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
      expect(image, name).toMatch(name === 'finrst' ? /^finrst$/ : /^docker\.io\/[\w./-]+:v?\d+\.\d+\.\d+$/);
    }
  });

  test.each([
    'prometheus.yml',
    'alertmanager.yml',
    'otel-collector.yaml',
    'tempo.yaml',
    'finrst/finrst.yml',
    'grafana/provisioning/datasources/datasources.yaml',
  ])('addresses in %s are services of the stack', (file) => {
    const hosts = [...readFileSync(join(FOLDER, file), 'utf8').matchAll(/(?:\/\/|['" ])([a-z][a-z-]*):\d{4,5}\b/g)].map(
      ([, host]) => host,
    );
    const names = [...services.map(([name]) => name), 'localhost'];
    for (const host of hosts) expect(names).toContain(host);
  });

  test('Finrst takes its configuration, and is run as its image allows', async () => {
    const result = await loadConfig({ file: join(FOLDER, 'finrst/finrst.yml'), readFile });
    expect(result.kind).toBe('loaded');
    const { finrst } = compose.services;
    expect(finrst).toMatchObject({ read_only: true, cap_drop: ['ALL'], build: { context: '../..' } });
    expect(existsSync(join(FOLDER, finrst.build.context, 'Dockerfile'))).toBe(true);
  });

  test('Grafana is given data sources and dashboards that exist', () => {
    const { datasources } = read('grafana/provisioning/datasources/datasources.yaml');
    const uids = datasources.map(({ uid }: Loose) => uid);
    for (const { jsonData } of datasources) {
      for (const { datasourceUid } of jsonData?.exemplarTraceIdDestinations ?? [])
        expect(uids).toContain(datasourceUid);
    }
    const { providers } = read('grafana/provisioning/dashboards/dashboards.yaml');
    const mounts = compose.services.grafana.volumes as string[];
    expect(mounts).toContain(`../../grafana/dashboards:${providers[0].options.path}:ro`);
    const home = compose.services.grafana.environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH as string;
    expect(readdirSync(join(ROOT, 'grafana/dashboards'))).toContain(home.split('/').at(-1));
  });

  test('spans go the whole way: Finrst to the collector, the collector to Tempo', () => {
    const collector = read('otel-collector.yaml');
    const { receivers, exporters } = collector.service.pipelines.traces;
    expect(Object.keys(collector.receivers as object)).toEqual(receivers);
    expect(Object.keys(collector.exporters as object)).toEqual(exporters);
    expect(collector.receivers.otlp.protocols.http.endpoint).toMatch(/:4318$/);
    expect(read('finrst/finrst.yml').tracing.endpoint).toBe('http://otel-collector:4318');
    expect(collector.exporters.otlp.endpoint).toBe(
      `tempo:${read('tempo.yaml').distributor.receivers.otlp.protocols.grpc.endpoint.split(':')[1]}`,
    );
  });

  test('its README says which files no program of their own has checked', () => {
    const readme = readFileSync(join(FOLDER, 'README.md'), 'utf8');
    const unchecked = readme.slice(readme.indexOf('Unchecked'));
    for (const file of ['otel-collector.yaml', 'tempo.yaml', 'datasources.yaml', 'dashboards.yaml'])
      expect(unchecked).toContain(file);
  });
});

describe.skipIf(programs.skip)(`deploy/compose, by the programs themselves${programs.note}`, () => {
  test('promtool takes prometheus.yml, with the rules where the container sees them', () => {
    // As mounted: rules/ beside prometheus.yml.
    const config = read('prometheus.yml');
    config.rule_files = config.rule_files.map((file: string) => join(ROOT, 'deploy', file));
    writeFileSync(join(folder, 'prometheus.yml'), stringify(config));
    const said = execFileSync('promtool', ['check', 'config', join(folder, 'prometheus.yml')], { encoding: 'utf8' });
    expect(said).toContain('rules found');
    expect(compose.services.prometheus.volumes).toContain('../rules:/etc/prometheus/rules:ro');
    expect(dirname(compose.services.prometheus.command[0] as string)).toBe('--config.file=/etc/prometheus');
  });

  test('amtool takes alertmanager.yml', () => {
    expect(execFileSync('amtool', ['check-config', join(FOLDER, 'alertmanager.yml')], { encoding: 'utf8' })).toContain(
      'SUCCESS',
    );
  });
});

describe.skipIf(composer.skip)(`deploy/compose, by docker-compose${composer.note}`, () => {
  // Debian's docker-compose 1.29 knows the Compose specification but not its later top-level `name`.
  const check = (file: Loose): ReturnType<typeof spawnSync> => {
    const { name: _name, ...rest } = file;
    return spawnSync('docker-compose', ['--file', '-', '--project-directory', FOLDER, 'config', '--quiet'], {
      input: stringify(rest),
      encoding: 'utf8',
    });
  };

  test('is a valid Compose file', () => {
    const { status, stderr } = check(compose);
    expect(status, String(stderr)).toBe(0);
  });

  test('and the check bites', () => {
    expect(check({ ...compose, services: { finrst: { imagee: 'x' } } }).status).not.toBe(0);
  });
});

function read(file: string): Loose {
  return parse(readFileSync(join(FOLDER, file), 'utf8'));
}
