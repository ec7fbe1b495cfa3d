import { readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DASHBOARDS } from '../../grafana/dashboards.ts';
import { render } from '../../grafana/render.ts';
import { DASHBOARD_NAMES, dashboardUrl } from './support/dashboard-json.ts';

describe('the committed dashboards', () => {
  test('are all that the code builds', () => {
    expect(Object.keys(DASHBOARDS)).toEqual([...DASHBOARD_NAMES]);
  });

  test.each(DASHBOARD_NAMES)('%s.json is what the code builds (else: npm run -s node -- grafana/build.ts)', (name) => {
    expect(readFileSync(dashboardUrl(name), 'utf8')).toBe(render(DASHBOARDS[name]()));
  });

  /** 256 KiB is what fits the annotation that `kubectl apply` keeps of a ConfigMap. */
  test.each(DASHBOARD_NAMES)('%s.json fits a ConfigMap', (name) => {
    expect(statSync(dashboardUrl(name)).size).toBeLessThan(256 * 1024);
  });
});
