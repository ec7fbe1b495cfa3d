import { describe, expect, test } from 'vitest';
import { SERIES_LABELS } from '../../src/settings/series-labels.ts';
import { METRIC_CATALOGUE } from '../../src/sinks/metrics/metric-catalogue.ts';
import { Counter, Gauge, Histogram, Registry } from '../../src/sinks/metrics/prom-client.ts';
import {
  parseOpenMetrics,
  parseTextFormat,
  seriesKey,
  type Parsed,
  type ParsedFamily,
} from '../support/exposition-parser.ts';
import { connectFailedEvent } from '../support/sample-finrst-events.ts';
import { fullLife } from '../support/metrics-docs.ts';
import { metricsAfter, rendered } from '../support/metrics-reader.ts';

/** What is shown only while nothing is established comes from a second peer. */
const unreachable = { ...connectFailedEvent.peer, id: 2, peer: 'redis-1.payments:6379' };
const facts = {
  labels: {},
  tls: false,
  expectsAnswer: false,
  canAnnounce: false,
  host: 'redis-1.payments',
  port: 6379,
};
const goodbyes = { connect: ['auth_failed'], held: ['admin_shutdown'] } as const;
const { group } = connectFailedEvent.peer;
const events = [
  ...fullLife({ tls: true, expectsAnswer: true }),
  {
    type: 'groupAdded',
    at: 1,
    group,
    tls: true,
    expectsAnswer: true,
    canAnnounce: false,
    isObserved: true,
    goodbyes,
    configuredSilenceMs: 62_000,
  },
  { type: 'silenceMeasured', at: 1, peer: connectFailedEvent.peer, survivedMs: 335_000, fatalMs: 365_000 },
  { type: 'peerAdded', at: 1, peer: unreachable, facts },
  { type: 'observerChanged', at: 1, isUp: true },
  { ...connectFailedEvent, peer: unreachable },
  { type: 'loopStalled', at: 1, durationMs: 5 },
  { type: 'shardsChanged', at: 1, ordinal: 1, total: 3, wanted: 4, isReshard: true, isScaledAway: false },
  { type: 'sourcesConfigured', at: 1, group: 'redis', sources: [{ id: 1, mechanism: 'kubernetes' }] },
] as const;
const host = { softnetDrops: 1, tcp: { abortsOnTimeout: 2, listenDrops: 3, retransmits: 4 } };
const everything = () =>
  metricsAfter(events, { lastRunClean: true, journalLinesLost: () => 0, isShard: true, hostCounts: () => host });
const ours = (families: Parsed): readonly ParsedFamily[] =>
  [...families.values()].filter(({ name }) => name.startsWith('finrst_'));

describe.each(['text', 'openmetrics'] as const)('in the format %s', (format) => {
  const parse = async () =>
    (format === 'text' ? parseTextFormat : parseOpenMetrics)(await rendered(everything(), format));
  const exported = (name: string, type: string) =>
    format === 'openmetrics' && type === 'counter' ? name.replace(/_total$/, '') : name;

  test('the catalogue and the exposition name the same families, with type and help', async () => {
    const shown = ours(await parse()).map(({ name, type, help }) => ({ name, type, help }));
    const expected = METRIC_CATALOGUE.map(({ name, type, help }) => ({ name: exported(name, type), type, help }));
    expect(shown).toEqual(expected);
  });

  test.each(METRIC_CATALOGUE)('$name has samples, all with exactly its labels', async ({ name, type, labels }) => {
    const samples = (await parse()).get(exported(name, type))?.samples ?? [];
    expect(samples.length).toBeGreaterThan(0);
    for (const sample of samples) {
      expect(Object.keys(sample.labels).filter((label) => label !== 'le')).toEqual(labels);
    }
  });
});

test('the labels of the catalogue are those that no target label can take, and these are ours or a later version brings them', () => {
  const later = ['announcement', 'hint', 'mechanism', 'scope'];
  const used = METRIC_CATALOGUE.flatMap(({ labels }) => labels);
  expect([...new Set([...used, ...later])].toSorted()).toEqual([...SERIES_LABELS]);
});

test('both formats say the same', async () => {
  const values = (families: Parsed) =>
    ours(families).flatMap(({ samples }) =>
      samples.map(({ name, labels: { le, ...labels }, value }) => [
        seriesKey(name, labels),
        le === undefined ? null : Number(le.replace('+Inf', 'Infinity')),
        value,
      ]),
    );
  const metrics = everything();
  expect(values(parseOpenMetrics(await rendered(metrics, 'openmetrics')))).toEqual(
    values(parseTextFormat(await rendered(metrics, 'text'))),
  );
});

test('reading OpenMetrics leaves the text format as it was', async () => {
  const metrics = everything();
  const own = async () => (await rendered(metrics)).split('\n').filter((line) => line.includes('finrst_'));
  const before = await own();
  await rendered(metrics, 'openmetrics');
  expect(await own()).toEqual(before);
});

test('ordinary prom-client metrics fed the same values render the same lines', async () => {
  const registers = [new Registry()];
  const [registry] = registers;
  const peerLabels = { group: 'payments-redis', peer: 'redis-0.payments:6379' };
  new Gauge({ name: 'finrst_peer_up', help: 'h', labelNames: ['group', 'peer'], registers }).set(peerLabels, 1);
  new Counter({ name: 'finrst_connections_total', help: 'h', labelNames: ['group', 'peer'], registers }).inc(
    peerLabels,
    2,
  );
  const family = METRIC_CATALOGUE.find(({ name }) => name === 'finrst_connection_duration_seconds');
  const buckets = [...(family?.buckets ?? [])];
  const age = new Histogram({
    name: 'finrst_connection_duration_seconds',
    help: 'h',
    labelNames: ['group', 'class'],
    buckets,
    registers,
  });
  age.observe({ group: 'payments-redis', class: 'error' }, 60.000_25);
  const reference = parseTextFormat((await registry?.metrics()) ?? '');
  const shown = new Set(
    [...parseTextFormat(await rendered(everything())).values()].flatMap(({ samples }) =>
      samples.map((s) => `${seriesKey(s.name, s.labels)} ${s.value}`),
    ),
  );
  const expected = [...reference.values()].flatMap(({ samples }) =>
    samples.map((s) => `${seriesKey(s.name, s.labels)} ${s.value}`),
  );
  expect(expected.length).toBeGreaterThan(30);
  expect(expected.filter((sample) => !shown.has(sample))).toEqual([]);
});

describe('the strict reader refuses', () => {
  const eof = '# EOF\n';
  test.each([
    ['no EOF', 'EOF', '# TYPE a gauge\na 1\n'],
    ['an empty line', 'empty lines', `# TYPE a gauge\n\na 1\n${eof}`],
    ['_total in a counter family', 'carries _total', `# TYPE a_total counter\na_total 1\n${eof}`],
    ['a counter sample without _total', 'a in a', `# TYPE a counter\na 1\n${eof}`],
    ['a series twice', 'series twice', `# TYPE a gauge\na{x="1",y="2"} 1\na{y="2",x="1"} 1\n${eof}`],
    ['a family in two places', 'begins twice', `# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n# TYPE a gauge\n${eof}`],
    ['an unescaped quote', 'expected /,/y', `# TYPE a gauge\na{x="1"2"} 1\n${eof}`],
    [
      'a bound that is no canonical float',
      'le="1"',
      `# TYPE a histogram\na_bucket{le="1"} 1\na_bucket{le="+Inf"} 1\na_count 1\na_sum 1\n${eof}`,
    ],
    [
      'a +Inf bucket that is not the count',
      '+Inf is not the count',
      `# TYPE a histogram\na_bucket{le="+Inf"} 1\na_count 2\na_sum 1\n${eof}`,
    ],
    ['an exemplar at a gauge', 'an exemplar at a', `# TYPE a gauge\na 1 # {t="1"} 1\n${eof}`],
    ['a negative counter', 'is -1', `# TYPE a counter\na_total -1\n${eof}`],
  ])('%s', (_what, message, text) => {
    expect(() => parseOpenMetrics(text)).toThrow(message);
  });
});
