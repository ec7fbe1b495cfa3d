import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { drawingPanels, readDashboard } from './support/dashboard-json.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const { groups } = parse(read('deploy/rules/finrst.rules.yaml')) as {
  readonly groups: readonly {
    readonly rules: readonly { readonly alert?: string; readonly annotations?: { readonly runbook_url: string } }[];
  }[];
};
const alerts = groups.flatMap(({ rules }) =>
  rules.flatMap(({ alert, annotations }) =>
    alert === undefined ? [] : [{ alert, runbook: annotations?.runbook_url ?? '' }],
  ),
);

describe('from an alert that fires', () => {
  const panel = drawingPanels(readDashboard('overview')).find(({ title }) => title === 'Alerts firing now');
  const [target] = panel?.targets ?? [];
  const linkOf = (column: string): string => {
    const override = panel?.fieldConfig?.overrides.find(({ matcher }) => matcher.options === column);
    const links = override?.properties.find(({ id }) => id === 'links')?.value as
      | { readonly url: string }[]
      | undefined;
    return links?.[0]?.url ?? '';
  };

  test.each(alerts)('$alert leads to where its runbook_url does', ({ alert, runbook }) => {
    const anchor = new RegExp(`"runbook", "(\\w+)", "alertname", "${alert}"`).exec(target?.expr ?? '')?.[1] ?? '';
    expect(linkOf('runbook').replace('${__data.fields.runbook}', anchor)).toBe(runbook);
  });

  test('one leads to the peer that it is about, in the same time and clusters', () => {
    expect(linkOf('peer')).toMatch(/^\/d\/finrst-peer\?/);
    for (const part of [
      'var-group=${__data.fields.group}',
      'var-peer=${__data.fields.peer}',
      '${cluster:queryparam}',
      '${__url_time_range}',
    ]) {
      expect(linkOf('peer')).toContain(part);
    }
  });

  test('what the links name is a column of the table', () => {
    const organize = panel?.transformations?.find(({ id }) => id === 'organize');
    const options = (organize?.options ?? {}) as Record<string, Readonly<Record<string, unknown>>>;
    const { excludeByName, renameByName } = options;
    expect(excludeByName).toBeDefined();
    for (const column of ['runbook', 'group', 'peer']) {
      expect(excludeByName?.[column]).toBeUndefined();
      expect(renameByName?.[column]).toBeUndefined();
    }
  });
});
