import type { DashboardLink, DataTransformerConfig } from '@grafana/grafana-foundation-sdk/dashboard';
import { type Override, byName } from './overrides.ts';

/** One column of a table that is put together from several queries. */
export type Column = {
  /** The label, or `Value #A` for the value of query A. */
  readonly from: string;
  readonly name: string;
  readonly properties?: Readonly<Record<string, unknown>>;
};

/**
 * Joins the rows of several queries on the labels that they share, keeps the named columns in this order and drops the
 * rest. `sortBy` and `required` are sources, not names.
 */
export function joinColumns(
  columns: readonly Column[],
  {
    sortBy,
    descending,
    required,
  }: { readonly sortBy: string; readonly descending: boolean; readonly required: string },
  allSources: readonly string[],
): DataTransformerConfig[] {
  const kept = new Set(columns.map(({ from }) => from));
  return [
    { id: 'merge', options: {} },
    {
      id: 'filterByValue',
      options: {
        type: 'include',
        match: 'any',
        filters: [{ fieldName: required, config: { id: 'isNotNull', options: {} } }],
      },
    },
    { id: 'sortBy', options: { fields: {}, sort: [{ field: sortBy, desc: descending }] } },
    {
      id: 'organize',
      options: {
        excludeByName: Object.fromEntries(allSources.filter((source) => !kept.has(source)).map((name) => [name, true])),
        indexByName: Object.fromEntries(columns.map(({ from }, index) => [from, index])),
        renameByName: Object.fromEntries(
          columns.filter(({ from, name }) => from !== name).map(({ from, name }) => [from, name]),
        ),
      },
    },
  ];
}

/** The properties of the columns as overrides. */
export function columnOverrides(columns: readonly Column[]): Override[] {
  return columns.flatMap(({ name, properties }) => (properties === undefined ? [] : [byName(name, properties)]));
}

/** A number that lights up in `colour` as soon as there is one of them. Below half, extrapolation has invented it. */
export function lightsUp(colour: string, width: number): Readonly<Record<string, unknown>> {
  return {
    'custom.cellOptions': { type: 'color-background', mode: 'basic' },
    'custom.width': width,
    'custom.align': 'right',
    color: { mode: 'thresholds' },
    thresholds: {
      mode: 'absolute',
      steps: [
        { value: null, color: 'transparent' },
        { value: 0.5, color: colour },
      ],
    },
  };
}

/** A cell that leads somewhere. */
export function linked(
  link: DashboardLink,
  further: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return { links: [link], ...further };
}
