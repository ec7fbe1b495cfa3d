import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { LIFETIME_BUCKETS_SECONDS } from '../../src/sinks/metrics/bucket-bounds.ts';
import { METRIC_CATALOGUE } from '../../src/sinks/metrics/metric-catalogue.ts';
import { HELM_NEEDS, lackOf } from './lack-of.ts';
import { ROOT, VALUES_FILES, renderObjects } from './rendered-chart.ts';
import { RULES, ruleTestFiles } from './rule-tests.ts';

const ALERTMANAGER = join(ROOT, 'deploy/compose/alertmanager.yml');
const tools = lackOf(['promtool', 'amtool']);
const helmToo = lackOf(['promtool', ...HELM_NEEDS]);
const folder = mkdtempSync(join(tmpdir(), 'finrst-rules-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Rule = {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
};
const text = readFileSync(join(RULES, 'finrst.rules.yaml'), 'utf8');
const rules = (parse(text) as { readonly groups: readonly { readonly rules: readonly Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const alerts = rules.filter((rule) => rule.alert !== undefined);
const names = [...new Set(alerts.map(({ alert }) => alert ?? ''))];
const testFiles = ruleTestFiles();
/** What a severity is written as where a target label decides over it. */
const FOLLOWS_LABEL = '{{ with $labels.severity }}{{ . }}{{ else }}critical{{ end }}';

describe.skipIf(tools.skip)(`deploy/rules${tools.note}`, () => {
  test('passes promtool with all its lints', () => {
    expect(promtool('check', 'rules', '--lint=all', '--lint-fatal', join(RULES, 'finrst.rules.yaml'))).toBe(0);
  });

  test('and the lints bite: a rule twice is refused', () => {
    const twice = { groups: [{ name: 'g', rules: [alerts[0], alerts[0]] }] };
    writeFileSync(join(folder, 'twice.yaml'), stringify(twice));
    expect(promtool('check', 'rules', '--lint=all', '--lint-fatal', join(folder, 'twice.yaml'))).not.toBe(0);
  });

  test('each query of a runbook is one that Prometheus takes', () => {
    const queries = runbookQueries();
    expect(queries.length).toBeGreaterThan(8);
    const recorded = queries.map((expr, index) => ({ record: `query:${index}`, expr }));
    writeFileSync(join(folder, 'queries.yaml'), stringify({ groups: [{ name: 'queries', rules: recorded }] }));
    expect(promtool('check', 'rules', join(folder, 'queries.yaml'))).toBe(0);
  });
});

describe('each alert', () => {
  test.each(names)('%s is shown firing, with each of its severities, and silent', (name) => {
    const cases = [...testFiles.values()]
      .flatMap(({ tests }) => tests)
      .flatMap((each) => each.alert_rule_test ?? [])
      .filter((each) => each.alertname === name);
    const fired = cases.flatMap((each) => each.exp_alerts).map(({ exp_labels: labels }) => labels['severity'] ?? '');
    const severities = alerts
      .filter(({ alert }) => alert === name)
      .flatMap(({ labels }) =>
        labels?.['severity'] === FOLLOWS_LABEL ? ['critical', 'info'] : [labels?.['severity'] ?? ''],
      );
    expect(new Set(fired)).toEqual(new Set(severities));
    // An empty list of a name that nobody carries would pass as well: the same name must fire elsewhere, which it does.
    expect(cases.some(({ exp_alerts: expected }) => expected.length === 0)).toBe(true);
  });

  test.each(names)('%s says what, how bad, and where to read on', (name) => {
    for (const { labels, annotations } of alerts.filter(({ alert }) => alert === name)) {
      if (name === 'FinrstPeerDown') expect(labels?.['severity']).toBe(FOLLOWS_LABEL);
      else expect(labels?.['severity']).toMatch(/^(critical|warning|info)$/);
      // The style of monitoring mixins: a static sentence, then the case.
      expect(annotations?.['summary']).toMatch(/^[A-Z][^{}]*\.$/);
      expect(annotations?.['description']).toMatch(/\{\{.*\}\}.*\.(?:\{\{ end \}\})?$/s);
      expect(annotations?.['runbook_url']).toBe(`https://finrst.example/docs/alerts.md#${name.toLowerCase()}`);
      const page = name === 'FinrstIncident' ? 'https://finrst-page.example/incidents' : undefined;
      expect(annotations?.['page_url']).toBe(page);
    }
  });

  test('has a name that begins with Finrst, and compares or tests for absence', () => {
    for (const { alert, expr } of alerts) {
      expect(alert).toMatch(/^Finrst[A-Z][A-Za-z]+$/);
      expect(expr).toMatch(/[<>]|==|absent/);
    }
  });

  test('is written down in docs/alerts.md, and nothing else is', () => {
    const headings = [...readDoc('alerts.md').matchAll(/^## (.+)$/gm)].map(([, heading = '']) => heading);
    expect(headings.toSorted()).toEqual(names.toSorted());
  });

  test.each(['alerts.md', 'kubernetes.md'])('every link in docs/%s leads somewhere', (file) => {
    const dead = [...readDoc(file).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^https?:/.test(target) && !leadsSomewhere(file, target));
    expect(dead).toEqual([]);
  });
});

describe('every name in the rules', () => {
  const families = new Map(METRIC_CATALOGUE.map((family) => [family.name, family]));
  const recorded = new Set(rules.map(({ record }) => record));
  const outside = new Set(['process_start_time_seconds', 'process_open_fds', 'process_max_fds']);

  test('is a metric of the catalogue or a recording of these rules', () => {
    const used = rules.flatMap(({ expr }) =>
      [...expr.matchAll(/(?<![\w:"])(?:[a-z]+:)?(?:finrst|process)_\w+(?::\w+)?/g)].map(([name]) => name),
    );
    expect(used.length).toBeGreaterThan(40);
    const unknown = used.filter(
      (name) => !families.has(name) && !families.has(histogramOf(name)) && !recorded.has(name) && !outside.has(name),
    );
    expect(unknown).toEqual([]);
  });

  test('that selects by a label selects by one that the metric has', () => {
    const selectors = rules.flatMap(({ expr }) => [...expr.matchAll(/(finrst_\w+)\{([^}]*)\}/g)]);
    expect(selectors.length).toBeGreaterThan(10);
    for (const [, metric = '', labels = ''] of selectors) {
      const family = families.get(metric) ?? families.get(histogramOf(metric));
      for (const [, label = ''] of labels.matchAll(/(\w+)\s*[=!]/g))
        expect([...(family?.labels ?? []), 'le']).toContain(label);
    }
  });

  test('and every bucket is one of the histogram, next to its neighbour', () => {
    const steps = rules.filter(({ labels }) => labels?.['limit'] !== undefined);
    expect(steps).toHaveLength(18);
    for (const { expr, labels } of steps) {
      const [upper, lower] = [...expr.matchAll(/le=~"(\d+)\|\1\[\.\]0"/g)].map(([, bound]) => Number(bound));
      const place = LIFETIME_BUCKETS_SECONDS.findIndex((bound) => bound === upper);
      expect(LIFETIME_BUCKETS_SECONDS[place - 1]).toBe(lower);
      const limit = Number.parseInt(labels?.['limit'] ?? '', 10);
      expect(limit).toBeGreaterThan(lower ?? Number.NaN);
      expect(limit).toBeLessThan(upper ?? Number.NaN);
      // The native arm, and the line that keeps an end from counting twice, are about the same limit.
      expect(expr).toContain(`histogram_fraction(${lower}, ${upper}, `);
      expect(expr).toContain(`{limit="${labels?.['limit']}"}[599s]`);
    }
  });

  test('keeps the labels that scraping adds: sums name what they drop, and what counts peers keeps no label of theirs', () => {
    const kept = ['job', 'job, group', 'job, group, peer'].map((labels) => `cluster, namespace, ${labels}`);
    for (const { expr } of rules) {
      for (const [, labels = ''] of expr.matchAll(/\bby \(([^)]*)\)/g)) expect(kept).toContain(labels);
      for (const [, labels = ''] of expr.matchAll(/\bwithout \(([^)]*)\)/g)) {
        expect(labels).toMatch(/^instance, pod|^group, phase, reason$/);
        expect(labels).not.toContain('peer');
      }
    }
  });

  test('and the suspects of a limit are those of docs/idle-limits.md', () => {
    const rows = new Map(
      [...readDoc('idle-limits.md').matchAll(/^\| (\d+) s[^|]*\| ([^|]*) \|/gm)].map(([, seconds = '', who = '']) => [
        seconds,
        who.replaceAll('`', ''),
      ]),
    );
    for (const name of ['FinrstRecurringAge', 'FinrstRecurringIdle']) {
      const description = alerts.find(({ alert }) => alert === name)?.annotations?.['description'] ?? '';
      const suspects = [...description.matchAll(/limit "(\d+)s" \}\} Known for \1 s: (.*?)\. ?\{\{/g)];
      expect(suspects.length).toBe(8);
      for (const [, seconds = '', who] of suspects) expect(who).toBe(rows.get(seconds));
    }
  });
});

describe.skipIf(helmToo.skip)(`the PrometheusRule of the chart${helmToo.note}`, () => {
  test.each(VALUES_FILES)('with the values of %s holds rules that Prometheus takes', (values) => {
    const specs = renderObjects({ values: [values] }).filter(({ kind }) => kind === 'PrometheusRule');
    for (const { spec } of specs) {
      writeFileSync(join(folder, 'rendered.yaml'), stringify(spec));
      expect(promtool('check', 'rules', '--lint=all', '--lint-fatal', join(folder, 'rendered.yaml'))).toBe(0);
    }
    expect(specs).toHaveLength(['operator', 'everything', 'sharded'].includes(values) ? 1 : 0);
  });
});

describe.skipIf(tools.skip)(`the example for Alertmanager${tools.note}`, () => {
  test('is one that Alertmanager takes', () => {
    expect(execFileSync('amtool', ['check-config', ALERTMANAGER], { encoding: 'utf8' })).toContain('SUCCESS');
  });

  test.each([
    ['page', { alertname: 'FinrstPeerDown', severity: 'critical' }],
    ['ticket', { alertname: 'FinrstPeerFlapping', severity: 'warning' }],
    ['none', { alertname: 'FinrstAbnormalDisconnect', severity: 'info' }],
  ])('routes to %s', (receiver, labels) => {
    const flags = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
    const said = execFileSync('amtool', ['config', 'routes', 'test', `--config.file=${ALERTMANAGER}`, ...flags], {
      encoding: 'utf8',
    });
    expect(said.trim()).toBe(receiver);
  });

  test('mutes what docs/alerts.md says it mutes, and nothing else', () => {
    const { inhibit_rules: muting } = parse(readFileSync(ALERTMANAGER, 'utf8')) as {
      readonly inhibit_rules: readonly {
        readonly source_matchers: readonly string[];
        readonly target_matchers: readonly string[];
      }[];
    };
    const rows = [...readDoc('alerts.md').matchAll(/^\| (Finrst\w+)[^|]*\| ([^|]+) \|$/gm)].map(
      ([, source, targets]) => [source, targets],
    );
    expect(rows).toHaveLength(muting.length);
    for (const [index, rule] of muting.entries()) {
      const [source, targets = ''] = rows[index] ?? [];
      expect(rule.source_matchers[0]).toBe(`alertname="${source}"`);
      const muted = [...(rule.target_matchers[0] ?? '').matchAll(/Finrst(\w+)/g)].map(([, name = '']) => name);
      const written = [...targets.matchAll(/\b(?:Finrst)?([A-Z][a-z]+[A-Z]\w+)/g)].map(([, name]) => name);
      expect(written).toEqual(muted);
    }
  });

  test('names no alert that does not exist', () => {
    const named = [...readFileSync(ALERTMANAGER, 'utf8').matchAll(/Finrst[A-Z][A-Za-z]+/g)].map(([name]) => name);
    expect(named.filter((name) => !names.includes(name))).toEqual([]);
  });
});

function promtool(...args: readonly string[]): number | null {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  if (status !== 0) process.stderr.write(stdout + stderr);
  return status;
}

function histogramOf(name: string): string {
  return name.replace(/_(bucket|count|sum)$/, '');
}

function readDoc(file: string): string {
  return readFileSync(join(ROOT, 'docs', file), 'utf8');
}

/** Inline code of docs/alerts.md that is a query: it names a metric and is more than the name of one. */
function runbookQueries(): readonly string[] {
  return [...readDoc('alerts.md').matchAll(/`([^`\n]+)`/g)]
    .map(([, code = '']) => code)
    .filter(
      (code) => /^[a-z_ ()]*(finrst|process)_\w+.*[({/]/.test(code) || /\b(finrst_\w+|process_\w+)[{[) ]/.test(code),
    );
}

function leadsSomewhere(from: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? join(ROOT, 'docs', from) : join(ROOT, 'docs', path);
  try {
    if (anchor === undefined) return readdirSync(join(file, '..')).includes(file.split('/').at(-1) ?? '');
    return anchorsOf(readFileSync(file, 'utf8')).includes(anchor);
  } catch {
    return false; // no such file: the link is dead, which is the answer
  }
}

/** As the usual renderers make them: lower case, spaces to dashes, punctuation dropped; and explicit `<a id>`s. */
function anchorsOf(markdown: string): readonly string[] {
  const headings = [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .trim()
      .replaceAll(' ', '-'),
  );
  return [...headings, ...[...markdown.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id = '']) => id)];
}
