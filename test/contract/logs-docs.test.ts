import { readFileSync } from 'node:fs';
import { parser } from '@grafana/lezer-logql';
import { expect, test } from 'vitest';
import { connectionFields } from '../../src/explanations/connection-fields.ts';
import {
  connectedEvent,
  connectFailedEvent,
  disconnectedEvent,
  explainedEvent,
  localClosedEvent,
} from '../support/sample-finrst-events.ts';

const text = readFileSync(new URL('../../docs/logs.md', import.meta.url), 'utf8');

test('docs/logs.md names every field of attempts and connections, and no other', () => {
  const section = text.split('## Fields\n')[1]?.split('\n## ')[0] ?? '';
  const named = [...section.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = '']) => cell.match(/\w+/g) ?? []);
  const events = [connectedEvent, connectFailedEvent, disconnectedEvent, localClosedEvent, explainedEvent];
  // A field without a value is a key all the same.
  const fields = new Set(events.flatMap((event) => Object.keys(connectionFields(event))));
  expect(named.toSorted()).toEqual([...fields].toSorted());
});

test('the queries of docs/logs.md are LogQL', () => {
  const queries = [...text.matchAll(/```logql\n([^`]+)```/g)].map(([, query = '']) => query.trim());
  const isBroken = (query: string): boolean => {
    let found = false;
    parser.parse(query).iterate({ enter: ({ type }) => void (found ||= type.isError) });
    return found;
  };
  expect(queries).toHaveLength(2);
  expect(queries.filter(isBroken)).toEqual([]);
  expect(isBroken('{service_name="finrst" | logfmt')).toBe(true);
});
