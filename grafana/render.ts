import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

/** The dashboard as the committed file: two spaces, a newline at the end, no key that is undefined. */
export function render(dashboard: Dashboard): string {
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
