import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { chartReadme, documentedValues } from '../../deploy/chart-readme.ts';
import { chartSchema } from '../../deploy/chart-schema.ts';
import { HELM_VERSIONS, helm } from './kubernetes-tools.ts';
import { HELM_NEEDS, lackOf } from './lack-of.ts';
import {
  CHART,
  ROOT,
  VALUES_FILES,
  lint,
  refusal,
  renderNotes,
  renderObjects,
  renderText,
  the,
} from './rendered-chart.ts';

const lack = lackOf(HELM_NEEDS);
/** The oldest that Chart.yaml admits, what most clusters run, and a version that is not out yet. */
const KUBERNETES = ['1.27.0', '1.30.4', '1.33.1', '1.35.2', '1.40.0'];
const valuesText = readFileSync(join(CHART, 'values.yaml'), 'utf8');

describe.skipIf(lack.skip)(`the chart${lack.note}`, () => {
  describe.each(VALUES_FILES)('with the values of %s', (name) => {
    test.each(HELM_VERSIONS)('passes helm lint --strict of %s', (version) => {
      expect(lint({ helm: version, values: [name] })).toMatchObject({
        status: 0,
        said: expect.not.stringContaining('WARNING'),
      });
    });

    test('renders the same with both Helms, on every version of Kubernetes', () => {
      const texts = HELM_VERSIONS.flatMap((version) =>
        KUBERNETES.map((kubeVersion) => renderText({ helm: version, values: [name], kubeVersion })),
      );
      expect(new Set(texts).size).toBe(1);
      expect(texts[0]).toContain('kind: StatefulSet');
    });
  });

  test.each([
    ['two pods that share nothing', { replicaCount: 2 }, /replicaCount is above 1.*sharding\.enabled/],
    [
      'one claim for the journals of several shards',
      { replicaCount: 2, sharding: { enabled: true }, journal: { enabled: true, existingClaim: 'one' } },
      /journal\.existingClaim is one claim/,
    ],
    ['a misspelt key', { serviceMonitors: { enabled: true } }, /serviceMonitors/],
    ['a misspelt nested key', { serviceMonitor: { enable: true } }, /enable/],
    ['a port that needs root', { web: { port: 80 } }, /port/],
    ['a group without a name', { config: { groups: [{ static_configs: [] }] } }, /name/],
    ['a group name outside a-z0-9-', { config: { groups: [{ name: 'Payments' }] } }, /groups/],
    ['a section that Finrst does not know', { config: { group: [] } }, /config/],
    ['a misspelt key of a group', { config: { groups: [{ name: 'g', idletimeout: '5s' }] } }, /idletimeout/],
    ['a duration that is none', { config: { groups: [{ name: 'g', idle_timeout: '5 s' }] } }, /idle_timeout/],
    [
      'a label that is a number',
      { config: { groups: [{ name: 'g', static_configs: [{ targets: ['a:1'], labels: { rack: 7 } }] }] } },
      /rack|labels/,
    ],
    [
      'a target without a port',
      { config: { groups: [{ name: 'g', static_configs: [{ targets: ['multi.payments'] }] }] } },
      /targets/,
    ],
    [
      'a port beyond the last',
      { config: { groups: [{ name: 'g', static_configs: [{ targets: ['multi.payments:99999'] }] }] } },
      /targets/,
    ],
    ['client certificates without TLS', { web: { clientCertificates: true } }, /web\.scheme to https/],
    ['no configuration at all', { config: '' }, /config/],
    ['a digest that is none', { image: { digest: 'latest' } }, /digest/],
    ['a reload mode that does not exist', { configReload: { mode: 'sometimes' } }, /mode/],
    ['a duration without a unit', { shutdownTimeout: '10' }, /shutdownTimeout/],
    ['both monitors', { serviceMonitor: { enabled: true }, podMonitor: { enabled: true } }, /scraped twice/],
    [
      'egress rules that it cannot know',
      { networkPolicy: { enabled: true }, config: 'groups: []' },
      /networkPolicy\.egress\.extra is empty/,
    ],
  ])('refuses %s', (_what, set, said) => {
    for (const version of HELM_VERSIONS) expect(refusal({ helm: version, set })).toMatch(said);
  });

  test('refuses a Kubernetes older than it says', () => {
    expect(refusal({ kubeVersion: '1.26.9' })).toContain('1.27');
  });

  test('can be a subchart that its parent switches', () => {
    expect(renderText({ set: { enabled: true, global: { parent: 'value' } } })).toContain('kind: StatefulSet');
  });

  test('carries the version of the package', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string };
    expect(parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8'))).toMatchObject({ version, appVersion: version });
    expect(the('StatefulSet', renderObjects())['spec'].template.spec.containers[0].image).toBe(`finrst:${version}`);
  });

  test('names no maintainer and no address that does not exist', () => {
    expect(parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8'))).not.toHaveProperty('maintainers');
    const addresses = [...renderText({ values: ['operator'] }).matchAll(/https?:\/\/([^/\s'"]+)/g)].map(
      ([, host]) => host,
    );
    expect(new Set(addresses)).toEqual(
      new Set(['otel-collector.observability:4318', 'finrst.example', 'finrst.default.svc:10346']),
    );
  });

  test.each(HELM_VERSIONS)(
    'is packaged whole by %s: rules and dashboards are links, the package has the files',
    (version) => {
      const folder = mkdtempSync(join(tmpdir(), 'finrst-package-'));
      try {
        execFileSync(helm(version), ['package', CHART, '--destination', folder], { stdio: 'ignore' });
        const [archive = ''] = readdirSync(folder);
        const files = execFileSync('tar', ['-tzf', join(folder, archive)], { encoding: 'utf8' })
          .trim()
          .split('\n');
        const dashboards = readdirSync(join(ROOT, 'grafana/dashboards')).filter((file) => file.endsWith('.json'));
        expect(files).toEqual(
          expect.arrayContaining(['finrst/rules/finrst.rules.yaml', 'finrst/values.schema.json', 'finrst/README.md']),
        );
        expect(files).toEqual(expect.arrayContaining(dashboards.map((file) => `finrst/dashboards/${file}`)));
        expect(files.filter((file) => /\.test\.yaml$|\/ci\//.test(file))).toEqual([]);
        const packaged = execFileSync(
          helm(version),
          ['template', 'finrst', join(folder, archive), '--values', join(CHART, 'ci/operator-values.yaml')],
          {
            encoding: 'utf8',
          },
        );
        expect(packaged).toBe(renderText({ helm: version, values: ['operator'] }));
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );

  test('has names short enough for a StatefulSet', () => {
    const release = 'a-release-name-of-the-greatest-length-helm-permits-00';
    const objects = renderObjects({ release, set: { nameOverride: 'and-a-name-that-does-not-know-when-to-stop' } });
    // A pod's label controller-revision-hash is the name, a dash and up to 10 characters; labels end at 63.
    expect(the('StatefulSet', objects).metadata.name.length).toBeLessThanOrEqual(52);
  });
});

describe('the values', () => {
  test('are each described in the README, which is up to date', () => {
    const readme = readFileSync(join(CHART, 'README.md'), 'utf8');
    expect(readme, 'run `node deploy/generate.ts`').toBe(chartReadme(readme, valuesText));
  });

  test('and the schema know the same keys', () => {
    const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as Schema;
    const inSchema = keysOfSchema(schema).filter((key) => key !== 'enabled');
    const inValues = keysOfValues(parse(valuesText) as Values, schema);
    expect(inSchema.toSorted()).toEqual(inValues.toSorted());
  });

  test('schema describes `config` as the daemon does', () => {
    const config = readFileSync(join(ROOT, 'finrst.schema.json'), 'utf8');
    const schema = readFileSync(join(CHART, 'values.schema.json'), 'utf8');
    expect(schema, 'run `node deploy/generate.ts`').toBe(chartSchema(schema, config));
    // Helm's engine has neither.
    expect(schema).not.toMatch(/\(\?[=!<]/);
  });

  test('schema refers to nothing outside itself', () => {
    expect(readFileSync(join(CHART, 'values.schema.json'), 'utf8')).not.toContain('$ref');
  });

  test('without a comment are refused by the generator', () => {
    expect(() => documentedValues('# -- Said.\na: 1\nb: 2\n')).toThrow('b has no "# -- " comment');
  });
});

describe.skipIf(lack.skip)(`NOTES.txt${lack.note}`, () => {
  test.each([
    ['default', ['No peer is configured yet', 'so nothing scrapes it', 'prometheusRule.enabled is not set']],
    [
      'operator',
      [
        'ConfigMap finrst',
        'applied without a restart',
        'a ServiceMonitor was created.',
        'ports 4318, 5672, 6379',
        'https://finrst.example, which does not exist',
      ],
    ],
    [
      'everything',
      [
        'Secret finrst-config, key finrst.yaml',
        'is NOT noticed',
        'a PodMonitor was created',
        'metrics under /finrst/probe/metrics',
        'https://localhost:9443/finrst/',
        'If Secret finrst-web requires client certificates',
      ],
    ],
    ['text', ['Secret finrst.', 'It is paused', 'egress is not restricted']],
    ['observer', ['DaemonSet finrst-observer', 'enforces a level below `privileged`', 'logs of all pods']],
    ['sharded', ['Its pods are shards', 'journal-finrst-N of each pod', '6379 the Kubernetes API server']],
  ])('tells the truth for %s', (values, said) => {
    const notes = renderNotes({ values: [values] });
    for (const each of said) expect(notes).toContain(each);
  });
});

type Schema = { readonly properties?: Readonly<Record<string, Schema>>; readonly additionalProperties?: unknown };
type Values = Readonly<Record<string, unknown>>;

/** Dotted names of what a closed schema lists; an object that may hold anything counts as one key. */
function keysOfSchema({ properties = {} }: Schema): string[] {
  return Object.entries(properties).flatMap(([name, schema]) =>
    schema.properties === undefined ? [name] : keysOfSchema(schema).map((key) => `${name}.${key}`),
  );
}

function keysOfValues(values: Values, { properties = {} }: Schema): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const schema = properties[name];
    if (schema?.properties === undefined) return [name];
    const inner = name.endsWith('Probe')
      ? Object.fromEntries(Object.keys(schema.properties).map((key) => [key, 0]))
      : (value as Values);
    return keysOfValues(inner, schema).map((key) => `${name}.${key}`);
  });
}
