/**
 * Every label of our own metric families, those that later versions bring included. The metric catalogue can name no other;
 * a target label of the same name would give two values to one label of a series.
 */
export const SERIES_LABELS = [
  'address',
  'announcement',
  'class',
  'event',
  'goodbye',
  'group',
  'hint',
  'mechanism',
  'node_version',
  'outcome',
  'peer',
  'phase',
  'reason',
  'resource',
  'revision',
  'scope',
  'sha256',
  'state',
  'verb',
  'version',
  'when',
] as const;

/** The name of a label of ours. */
export type SeriesLabel = (typeof SERIES_LABELS)[number];
