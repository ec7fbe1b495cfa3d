import { METRIC_CATALOGUE } from '../../src/sinks/metrics/metric-catalogue.ts';
import type { FinrstEvent } from '../../src/domain/events/finrst-event.ts';
import type { PeerFacts } from '../../src/domain/events/peer-events.ts';
import { METRIC_DETAILS, type MetricHistograms } from '../../src/settings/global-settings.ts';
import { connectedEvent, connectFailedEvent, disconnectedEvent, silences } from './sample-finrst-events.ts';
import { metricsAfter, rendered } from './metrics-reader.ts';

/** The parts of docs/metrics.md that are made from the catalogue and from what is really rendered, by the name in their marker. */
export async function docsParts(): Promise<Readonly<Record<string, string>>> {
  const perPeer = METRIC_CATALOGUE.filter(({ detail }) => detail !== undefined);
  const perGroup = METRIC_CATALOGUE.filter(({ detail, labels }) => detail === undefined && labels.includes('group'));
  const others = METRIC_CATALOGUE.filter(({ labels }) => !labels.includes('group'));
  const code = (labels: readonly string[]) => labels.map((label) => `\`${label}\``).join(', ');
  const line = (...cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const plain = (families: typeof METRIC_CATALOGUE) => [
    '| name | type | labels | meaning |',
    '|---|---|---|---|',
    ...families.map(({ name, type, labels, help }) => line(`\`${name}\``, type, code(labels), help)),
  ];
  const further = (labels: readonly string[]) => code(labels.filter((label) => label !== 'group' && label !== 'peer'));
  const peerTable = [
    '| name | type | further labels | detail | meaning |',
    '|---|---|---|---|---|',
    ...perPeer.map(({ name, type, labels, detail = '', help }) =>
      line(`\`${name}\``, type, further(labels), detail, help),
    ),
  ];
  return {
    'peer families': peerTable.join('\n'),
    'group families': plain(perGroup).join('\n'),
    'process families': plain(others).join('\n'),
    'series per peer': await seriesPerPeer(),
    'series per group': await seriesPerGroup(),
  };
}

/** The text of a part as it stands in the docs; null where its marker is missing. */
export function docsPart(markdown: string, part: string): string | null {
  const from = markdown.indexOf(`<!-- ${part}:`);
  const begin = markdown.indexOf('\n', from) + 1;
  const end = markdown.indexOf('<!-- end -->', begin);
  return from < 0 || end < 0 ? null : markdown.slice(begin, end).trimEnd();
}

const { peer, at } = connectedEvent;
const FACTS: PeerFacts = { labels: {}, tls: false, expectsAnswer: false, canAnnounce: false, host: 'h', port: 1 };

type Life = Pick<PeerFacts, 'tls' | 'expectsAnswer'> & Partial<Pick<PeerFacts, 'canAnnounce'>>;

/** A peer that has seen everything that makes a series. Its ends can be announced unless it is said otherwise. */
export function fullLife({ tls, expectsAnswer, canAnnounce = true }: Life): readonly FinrstEvent[] {
  const tcp = {
    state: 'established',
    rttMs: 1,
    minRttMs: 1,
    totalRetransmits: 0,
    pendingRetransmits: 0,
    pendingProbes: 0,
    outstandingBytes: 0,
    silenceMs: 0,
  } as const;
  const connected = { ...connectedEvent, ...(tls ? { certificate: { expiresAt: at, readAt: at } } : {}) };
  return [
    { type: 'groupAdded', at, group: peer.group, tls, expectsAnswer, canAnnounce },
    { type: 'peerAdded', at, peer, facts: { ...FACTS, tls, expectsAnswer, canAnnounce } },
    connected,
    { ...disconnectedEvent, hint: { name: 'path_dead' } },
    connected,
    { type: 'sampled', at, peer, tcp, newRetransmits: 0, silences },
    { type: 'traffic', at, peer, receivedBytes: 1, sentBytes: 1, lastReceivedAt: at },
    ...(expectsAnswer ? [{ type: 'heartbeatAnswered', at, peer, rttMs: 1 } as const] : []),
  ];
}

async function seriesPerPeer(): Promise<string> {
  const rows = [
    '| detail | plain TCP | with TLS | with TLS and a heartbeat that expects an answer |',
    '|---|---|---|---|',
  ];
  for (const detail of METRIC_DETAILS) {
    const counts: number[] = [];
    for (const facts of [
      { tls: false, expectsAnswer: false },
      { tls: true, expectsAnswer: false },
      { tls: true, expectsAnswer: true },
    ]) {
      const up = fullLife({ ...facts, canAnnounce: false });
      const down = [...up, disconnectedEvent, connectFailedEvent];
      const texts = await Promise.all([up, down].map((life) => rendered(metricsAfter(life, { detail }))));
      counts.push(Math.max(...texts.map((text) => text.split(',peer="').length - 1)));
    }
    rows.push(`| \`${detail}\` | ${counts.join(' | ')} |`);
  }
  return rows.join('\n');
}

async function seriesPerGroup(): Promise<string> {
  const count = async (tls: boolean, expectsAnswer: boolean, histograms: MetricHistograms): Promise<number> => {
    const added = { type: 'groupAdded', at, group: 'g', tls, expectsAnswer, canAnnounce: false } as const;
    const text = await rendered(metricsAfter([added], { histograms }));
    return text.split('\n').filter((sample) => sample.includes('group="g"')).length;
  };
  const counts = async (histograms: MetricHistograms) => {
    const [plain, tls] = [await count(false, false, histograms), await count(true, false, histograms)];
    return `${plain} series, ${tls} with TLS, ${await count(true, true, histograms)} with TLS and a heartbeat that expects an answer`;
  };
  return `Each group adds ${await counts('by_class')}: its reason tables and histograms. With \`histograms: off\` ${await counts('off')}.`;
}
