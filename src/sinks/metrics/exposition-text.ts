import type { ExpositionFormat } from '../../settings/exposition-format.ts';
import type { MetricFamily } from './metric-catalogue.ts';

/** The trace that an aggregate last counted, shown beside the sample in OpenMetrics. `timestamp` in seconds. */
export type Exemplar = {
  readonly traceId: string;
  readonly spanId: string;
  readonly value: number;
  readonly timestamp: number;
};

/** A label value as both formats write it. */
export function escapeLabelValue(value: string): string {
  return /[\\"\n]/.test(value) ? value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n') : value;
}

/** `a="1",b="2"`, in the order of the keys, `le` last and written as the format wants it. */
export function labelPairs(labels: Readonly<Record<string, string | number>>, format: ExpositionFormat): string {
  let text = '';
  for (const name in labels) {
    if (name === 'le') continue;
    text += `${text === '' ? '' : ','}${name}="${escapeLabelValue(String(labels[name] ?? ''))}"`;
  }
  const bound = labels['le'];
  return bound === undefined ? text : `${text}${text === '' ? '' : ','}le="${boundText(bound, format)}"`;
}

/**
 * The upper bound of a bucket. OpenMetrics wants the canonical float (`1.0`); the text format has always had `1`, as
 * prom-client writes it. Prometheus 3 stores both as `1.0`.
 */
function boundText(value: string | number, format: ExpositionFormat): string {
  const bound = String(value);
  return format === 'openmetrics' && /^\d+$/.test(bound) ? `${bound}.0` : bound;
}

/** A sample's value. */
export function valueText(value: number): string {
  if (Number.isFinite(value)) return `${value}`;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

/**
 * The HELP and TYPE lines of a family. In OpenMetrics a counter's family goes without the `_total` of its samples, and
 * quotes in the help are escaped.
 */
export function familyHeader(
  { name, type, help }: Pick<MetricFamily, 'name' | 'type' | 'help'>,
  format: ExpositionFormat,
): string {
  const plainHelp = help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
  if (format === 'text') return `# HELP ${name} ${plainHelp}\n# TYPE ${name} ${type}\n`;
  const family = type === 'counter' ? name.replace(/_total$/, '') : name;
  return `# HELP ${family} ${plainHelp.replace(/"/g, '\\"')}\n# TYPE ${family} ${type}\n`;
}

/** ` # {trace_id="...",span_id="..."} 1 1763800000.123`, as it follows a sample in OpenMetrics. */
export function exemplarText({ traceId, spanId, value, timestamp }: Exemplar): string {
  return ` # {trace_id="${traceId}",span_id="${spanId}"} ${valueText(value)} ${timestamp}`;
}
