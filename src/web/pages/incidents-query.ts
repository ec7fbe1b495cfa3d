import { SCOPE_KINDS, type ScopeKind } from '../../domain/incident-scope.ts';
import type { IncidentRecord } from '../../sinks/status/known-incidents.ts';

/** How far back incidents are shown, in milliseconds. */
export const INCIDENTS_RANGES = {
  '1h': 3_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
  '30d': 2_592_000_000,
} as const;
export type IncidentsRange = keyof typeof INCIDENTS_RANGES;

/** Which incidents are asked for. Null: any. */
export type IncidentsQuery = {
  readonly scope: ScopeKind | null;
  /** Some of its ends were in this group. */
  readonly group: string | null;
  /** Some of it was so long ago at most. */
  readonly range: IncidentsRange | null;
  readonly offset: number;
};

/** Reads the query string of the page of incidents; empty parameters, as a form sends them, count as absent. Null: a word is no such word. */
export function parseIncidentsQuery(parameters: URLSearchParams): IncidentsQuery | null {
  const given = (name: string): string | null => parameters.get(name) || null;
  const word = given('scope');
  const scope = SCOPE_KINDS.find((kind) => kind === word) ?? null;
  const length = given('range');
  const range = (Object.keys(INCIDENTS_RANGES) as IncidentsRange[]).find((known) => known === length) ?? null;
  const offset = given('offset') ?? '0';
  if (word !== scope || length !== range || !/^\d{1,4}$/.test(offset)) return null;
  return { scope, group: given('group'), range, offset: Number(offset) };
}

/** The query string of a link that keeps what is set. */
export function incidentsSearch({ scope, group, range, offset }: IncidentsQuery): string {
  const all = [
    ['scope', scope],
    ['group', group],
    ['range', range],
    ['offset', offset === 0 ? null : String(offset)],
  ] as const;
  const search = new URLSearchParams(
    all.flatMap(([name, value]): [string, string][] => (value === null ? [] : [[name, value]])),
  ).toString();
  return search === '' ? '' : `?${search}`;
}

/** Those that match. One that runs is of every range. */
export function matchingIncidents(
  records: readonly IncidentRecord[],
  { scope, group, range }: IncidentsQuery,
  now: number,
): readonly IncidentRecord[] {
  const from = range === null ? -Infinity : now - INCIDENTS_RANGES[range];
  return records.filter(
    ({ event, endsByGroup }) =>
      (event.over ?? now) >= from &&
      (scope === null || event.scope.kind === scope) &&
      (group === null || endsByGroup.has(group) || (event.scope.kind === 'group' && event.scope.value === group)),
  );
}
