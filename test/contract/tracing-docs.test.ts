import { readFileSync } from 'node:fs';

import { parser } from '@grafana/lezer-traceql';
import { describe, expect, test } from 'vitest';

import { describeConnect } from '../../src/sinks/traces/connect-trace.ts';
import { describeIncident } from '../../src/sinks/traces/incident-trace.ts';
import { describeConnection } from '../../src/sinks/traces/connection-trace.ts';
import { describeObserved } from '../../src/sinks/traces/observed-trace.ts';
import type { TraceShape } from '../../src/sinks/traces/trace-shape.ts';
import { OBSERVED_SPAN_RATES, SPAN_RATES } from '../../src/sinks/traces/span-rate-limit.ts';
import {
  connectedEvent,
  connectFailedEvent,
  disconnectedEvent,
  incidentEvent,
  observedErrorEvent,
} from '../support/sample-finrst-events.ts';

const text = readFileSync(new URL('../../docs/tracing.md', import.meta.url), 'utf8');
const queries = [...text.matchAll(/```traceql\n([^`]*)```/g)].map(([, query = '']) => query.trim());

const tcp = {
  state: 'close',
  rttMs: 1,
  minRttMs: 1,
  totalRetransmits: 0,
  pendingRetransmits: 0,
  pendingProbes: 0,
  outstandingBytes: 0,
  silenceMs: 0,
} as const;
const peer = { ...disconnectedEvent.peer, labels: { team: 'a' } };
const attributesOf = ({ root, children }: TraceShape) =>
  [root, ...children].flatMap((span) => Object.keys(span.attributes));
const attributes = new Set([
  ...attributesOf(describeConnection({ ...disconnectedEvent, peer, tcp, hint: { name: 'path_dead' } })),
  ...attributesOf(describeConnect(connectFailedEvent)),
  ...attributesOf(describeConnect(connectedEvent)),
  ...attributesOf(describeIncident(incidentEvent)),
  ...attributesOf(describeObserved(observedErrorEvent, 'reset')),
]);

describe('docs/tracing.md', () => {
  test('has queries', () => {
    expect(queries.length).toBeGreaterThan(3);
  });

  test.each(queries)('the query parses: %s', (query) => {
    const errors: string[] = [];
    parser.parse(query).iterate({
      enter: ({ type, from, to }) => void (type.isError && errors.push(query.slice(from, to) || `at ${from}`)),
    });
    expect(errors).toEqual([]);
  });

  test('names no attribute that spans do not have', () => {
    const named = [...text.matchAll(/(?<![/.\w])(?:span\.)?(finrst(?:\.[a-z_]+)+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !attributes.has(name))).toEqual([]);
    expect(named.length).toBeGreaterThan(20);
  });

  test('states the rate limit as it is', () => {
    const { perSecond, burst, reserve } = SPAN_RATES;
    expect(text).toContain(`${perSecond} spans a second with a burst of ${burst.toLocaleString('en')}`);
    expect(text).toContain(`the last ${reserve.toLocaleString('en')} of the burst`);
    const { perSecond: observed, burst: observedBurst } = OBSERVED_SPAN_RATES;
    expect(text).toContain(`${observed} a second with a burst of ${observedBurst.toLocaleString('en')}`);
  });
});
