import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PROMETHEUS } from './variables.ts';

function query(expr: string): DataqueryBuilder {
  return new DataqueryBuilder().datasource(PROMETHEUS).expr(expr.trim().replaceAll(/\s+/g, ' '));
}

/** Over time. Exemplars are asked for, so that a dot leads to the span of one end. */
export function overTime(expr: string, legend: string): DataqueryBuilder {
  return query(expr).range().exemplar(true).legendFormat(legend);
}

/** One value per series, at the end of the range. */
export function now(expr: string, legend: string): DataqueryBuilder {
  return query(expr).instant().legendFormat(legend);
}

/** One row per series, its labels as columns. */
export function rows(expr: string): DataqueryBuilder {
  return query(expr).instant().format(PromQueryFormat.Table);
}

/** Histogram buckets over time: `expr` must keep `le` and nothing else, or be native. Grafana sorts and subtracts the buckets. */
export function bucketsOverTime(expr: string): DataqueryBuilder {
  return query(expr).range().exemplar(true).format(PromQueryFormat.Heatmap).legendFormat('{{le}}');
}
