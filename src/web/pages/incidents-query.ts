import { SCOPE_KINDS, type ScopeKind } from '../../domain/incident-scope.ts';
import type { IncidentRecord } from '../../sinks/status/known-incidents.ts';

/** Which incidents are asked for. Null: any. */
export type IncidentsQuery = {
  readonly scope: ScopeKind | null;
  /** Some of its ends were in this group. */
  readonly group: string | null;
  readonly offset: number;
};

/** Reads the query string of the page of incidents; empty parameters, as a form sends them, count as absent. Null: a word is no such word. */
export function parseIncidentsQuery(parameters: URLSearchParams): IncidentsQuery | null {
  const given = (name: string): string | null => parameters.get(name) || null;
  const word = given('scope');
  const scope = SCOPE_KINDS.find((kind) => kind === word) ?? null;
  const offset = given('offset') ?? '0';
  if (word !== scope || !/^\d{1,4}$/.test(offset)) return null;
  return { scope, group: given('group'), offset: Number(offset) };
}

/** The query string of a link that keeps what is set. */
export function incidentsSearch({ scope, group, offset }: IncidentsQuery): string {
  const all = [
    ['scope', scope],
    ['group', group],
    ['offset', offset === 0 ? null : String(offset)],
  ] as const;
  const search = new URLSearchParams(
    all.flatMap(([name, value]): [string, string][] => (value === null ? [] : [[name, value]])),
  ).toString();
  return search === '' ? '' : `?${search}`;
}

/** Those that match. */
export function matchingIncidents(
  records: readonly IncidentRecord[],
  { scope, group }: IncidentsQuery,
): readonly IncidentRecord[] {
  return records.filter(
    ({ event, endsByGroup }) =>
      (scope === null || event.scope.kind === scope) &&
      (group === null || endsByGroup.has(group) || (event.scope.kind === 'group' && event.scope.value === group)),
  );
}
