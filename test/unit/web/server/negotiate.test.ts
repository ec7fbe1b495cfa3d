import { describe, expect, test } from 'vitest';
import { negotiateFormat } from '../../../../src/web/server/negotiate.ts';

/** What Prometheus 2.49 and later sends. */
const PROMETHEUS =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,' +
  'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';

describe('the format', () => {
  test.each([
    { accept: undefined, format: 'text' },
    { accept: '', format: 'text' },
    { accept: '*/*', format: 'text' },
    { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', format: 'text' },
    { accept: PROMETHEUS, format: 'openmetrics' },
    { accept: 'application/openmetrics-text', format: 'openmetrics' },
    { accept: 'application/openmetrics-text; version="1.0.0"; charset=utf-8', format: 'openmetrics' },
    { accept: 'Application/OpenMetrics-Text;Version=1.0.0', format: 'openmetrics' },
    { accept: 'application/openmetrics-text;version=0.0.1', format: 'text' },
    { accept: 'application/openmetrics-text;q=0', format: 'text' },
    { accept: 'application/openmetrics-text;q=nonsense', format: 'text' },
    { accept: 'application/openmetrics-text;q=0.3,text/plain;version=0.0.4;q=0.4', format: 'text' },
    { accept: 'text/plain;version=0.0.4;q=0.4,application/openmetrics-text;q=0.4', format: 'openmetrics' },
    { accept: 'application/json', format: 'text' },
  ])('for $accept is $format', ({ accept, format }) => {
    expect(negotiateFormat(accept)).toBe(format);
  });
});
