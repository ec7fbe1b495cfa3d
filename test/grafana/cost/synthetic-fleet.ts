import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { CONNECT_FAILURE_REASONS } from '../../../src/domain/connect-failure.ts';
import { DISCONNECT_REASONS, LOCAL_CLOSE_REASONS } from '../../../src/domain/disconnect.ts';
import { LIFETIME_BUCKETS_SECONDS } from '../../../src/sinks/metrics/bucket-bounds.ts';
import { PEER_STATES } from '../../../grafana/blocks/peer-state.ts';

/** How many peers, and over which time. Times in seconds since the epoch. */
export type Fleet = {
  readonly peers: number;
  readonly groups: number;
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly scrapeSeconds: number;
};

/** Of every hundred peers, one is reset every 20 minutes, and one is down since half of the time. */
const FLAPS_EVERY_SECONDS = 1200;

/** Seconds that a ladder found, in this group; the settings of the next one allow silence without an end. */
export const SILENCE = { group: 'group-0', survived: 300, fatal: 360, allowed: 400 };
const SILENCE_WITHOUT_END = { group: 'group-1', survived: 900 };

/** What is observed of the connections that applications have to this group. */
export const OBSERVED = { group: 'group-0', established: 12, closeWait: 2, oldestSeconds: 75, resets: 3 };

type Series = { readonly name: string; readonly labels: string; readonly at: (seconds: number) => number | null };

/** The name of the n-th peer, counted from 0. */
export const peerName = (index: number): string => `peer-${String(index).padStart(4, '0')}.fleet:6379`;

export const isFlapping = (index: number): boolean => index % 100 === 7;
export const isDown = (index: number): boolean => index % 100 === 42;

/**
 * Writes what Prometheus would have scraped from a Finrst that holds that many peers, as OpenMetrics with timestamps:
 * `promtool tsdb create-blocks-from openmetrics` makes blocks of it. Peer 0 is held in a second cluster as well, and is down
 * there.
 */
export async function writeFleet(fleet: Fleet, file: string): Promise<void> {
  const out = createWriteStream(file);
  const all = [...perPeer(fleet), ...elsewhere(fleet), ...perGroup(fleet)];
  for (const { name, labels, at } of all.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    let text = '';
    for (let seconds = fleet.startSeconds; seconds <= fleet.endSeconds; seconds += fleet.scrapeSeconds) {
      const value = at(seconds);
      if (value !== null) text += `${name}{${labels}} ${value} ${seconds}\n`;
    }
    if (!out.write(text)) await once(out, 'drain');
  }
  out.end('# EOF\n');
  await once(out, 'finish');
}

const SCRAPED = 'job="finrst",instance="10.0.0.1:10346"';

function perPeer({ peers, groups, startSeconds, endSeconds }: Fleet): Series[] {
  return Array.from({ length: peers }, (_, index): Series[] => {
    const labels = `cluster="eu",job="finrst",group="group-${index % groups}",peer="${peerName(index)}"`;
    const scraped = `${labels},instance="10.0.0.1:10346"`;
    const diesAt = isDown(index) ? (startSeconds + endSeconds) / 2 : Infinity;
    const flaps = (seconds: number): number =>
      isFlapping(index) ? Math.floor((seconds - startSeconds) / FLAPS_EVERY_SECONDS) : 0;
    const ends = (seconds: number): number => flaps(seconds) + (seconds >= diesAt ? 1 : 0);
    const ended = (seconds: number, value: number): number | null => (ends(seconds) > 0 ? value : null);
    const downFor = (seconds: number): number => Math.max(0, seconds - diesAt);
    const of = (name: string, at: Series['at'], further = ''): Series => ({ name, labels: scraped + further, at });
    return [
      of('finrst_peer_up', (seconds) => (seconds >= diesAt ? 0 : 1)),
      of('finrst_peer_down_seconds_total', downFor),
      of('finrst_disconnects_total', () => 0, ',class="eof"'),
      of('finrst_disconnects_total', ends, ',class="error"'),
      of('finrst_disconnects_total', () => 0, ',class="idle_timeout"'),
      of('finrst_connections_total', (seconds) => 1 + flaps(seconds)),
      of('finrst_connect_failures_total', () => 0, ',phase="dns"'),
      of('finrst_connect_failures_total', (seconds) => Math.floor(downFor(seconds) / 60), ',phase="tcp"'),
      of('finrst_connection_established_timestamp_seconds', (s) => startSeconds + flaps(s) * FLAPS_EVERY_SECONDS),
      of('finrst_last_disconnect_info', (seconds) => ended(seconds, 1), ',class="error",reason="reset"'),
      of('finrst_last_disconnect_timestamp_seconds', (s) =>
        ended(s, s >= diesAt ? diesAt : startSeconds + flaps(s) * FLAPS_EVERY_SECONDS),
      ),
      of('finrst_last_connect_failure_info', (s) => (s > diesAt ? 1 : null), ',phase="tcp",reason="refused"'),
      { name: 'peer:finrst_state', labels, at: (seconds) => stateAt(seconds, { ends, diesAt }) },
    ];
  }).flat();
}

function stateAt(
  seconds: number,
  { ends, diesAt }: { readonly ends: (seconds: number) => number; readonly diesAt: number },
): number {
  const { connected, error } = PEER_STATES;
  return seconds >= diesAt || ends(seconds) > ends(seconds - 60) ? error.value : connected.value;
}

/** The same target, held from another cluster, which cannot reach it; and a peer there that was not tried yet. */
function elsewhere({ startSeconds }: Fleet): Series[] {
  const scraped = `cluster="us",${SCRAPED},group="group-0",peer="${peerName(0)}"`;
  const of = (name: string, at: Series['at'], further = ''): Series => ({ name, labels: scraped + further, at });
  return [
    of('finrst_peer_up', () => 0),
    of('finrst_peer_down_seconds_total', (seconds) => seconds - startSeconds),
    of('finrst_disconnects_total', () => 0, ',class="error"'),
    of('finrst_connections_total', () => 0),
    of('finrst_connect_failures_total', (seconds) => seconds - startSeconds, ',phase="tcp"'),
    of('finrst_connection_established_timestamp_seconds', () => 0),
    { name: 'finrst_peers', labels: `cluster="us",${SCRAPED},group="group-0",state="backoff"`, at: () => 1 },
    { name: 'finrst_peers', labels: `cluster="us",${SCRAPED},group="group-0",state="resolving"`, at: () => 1 },
    {
      name: 'peer:finrst_state',
      labels: `cluster="us",job="finrst",group="group-0",peer="${peerName(0)}"`,
      at: () => PEER_STATES.notConnected.value,
    },
  ];
}

function perGroup({ peers, groups, startSeconds }: Fleet): Series[] {
  const process: Series[] = [
    {
      name: 'finrst_build_info',
      labels: `cluster="eu",${SCRAPED},version="0",revision="0",node_version="0"`,
      at: () => 1,
    },
    { name: 'process_resident_memory_bytes', labels: `cluster="eu",${SCRAPED}`, at: () => 128 * 1024 * 1024 },
  ];
  const down = Array.from({ length: peers }, (_, index) => index).filter(isDown).length;
  const measured =
    (group: string) =>
    (name: string, value: number): Series => ({
      name: `finrst_silence_${name}_seconds`,
      labels: `cluster="eu",${SCRAPED},group="${group}"`,
      at: () => value,
    });
  const [found, endless] = [measured(SILENCE.group), measured(SILENCE_WITHOUT_END.group)];
  const silence = [
    found('survived', SILENCE.survived),
    found('fatal', SILENCE.fatal),
    found('configured', SILENCE.allowed),
    endless('survived', SILENCE_WITHOUT_END.survived),
    endless('configured', Infinity),
  ];
  return process.concat(
    silence,
    observed(startSeconds),
    Array.from({ length: groups }, (_, group): Series[] => {
      const labels = `cluster="eu",${SCRAPED},group="group-${group}"`;
      const of = (name: string, at: Series['at'], further = ''): Series => ({ name, labels: labels + further, at });
      const steady = (name: string, pairs: readonly string[]): Series[] => pairs.map((pair) => of(name, () => 0, pair));
      const resets = (seconds: number): number => Math.floor((seconds - startSeconds) / FLAPS_EVERY_SECONDS);
      const byReason = Object.entries(DISCONNECT_REASONS).flatMap(([name, reasons]) =>
        reasons.map((reason) =>
          of(
            'finrst_disconnects_by_reason_total',
            reason === 'reset' ? resets : () => 0,
            `,class="${name}",reason="${reason}"`,
          ),
        ),
      );
      const failures = Object.entries(CONNECT_FAILURE_REASONS).flatMap(([phase, reasons]) =>
        reasons.map((reason) => `,phase="${phase}",reason="${reason}"`),
      );
      const histogram = (name: string): Series[] =>
        ['eof', 'error', 'idle_timeout', 'local'].flatMap((ended) => [
          ...[...LIFETIME_BUCKETS_SECONDS, '+Inf'].map((bound) =>
            of(`${name}_bucket`, ended === 'error' ? resets : () => 0, `,class="${ended}",le="${bound}"`),
          ),
          of(`${name}_count`, ended === 'error' ? resets : () => 0, `,class="${ended}"`),
        ]);
      return [
        ...byReason,
        ...steady('finrst_connect_failures_by_reason_total', failures),
        ...steady(
          'finrst_local_closes_total',
          LOCAL_CLOSE_REASONS.map((reason) => `,reason="${reason}"`),
        ),
        ...histogram('finrst_connection_duration_seconds'),
        ...histogram('finrst_idle_at_disconnect_seconds'),
        of('finrst_peers', () => (peers - down) / groups, ',state="established"'),
        of('finrst_peers', () => down / groups, ',state="backoff"'),
      ];
    }).flat(),
  );
}

/** Three of their connections were reset in the last but one minute of each ten; each lived for 40 s. */
function observed(startSeconds: number): Series[] {
  const { group, established, closeWait, oldestSeconds, resets } = OBSERVED;
  const of = (name: string, at: Series['at'], further = ''): Series => ({
    name: `finrst_observ${name}`,
    labels: `cluster="eu",${SCRAPED}${further}`,
    at,
  });
  const peer = `,group="${group}",peer="${peerName(0)}"`;
  const ended = (seconds: number): number => resets * Math.floor((seconds - startSeconds) / 600);
  const error = `,group="${group}",class="error"`;
  return [
    of('ed_connections', () => established, peer),
    of('ed_close_wait', () => closeWait, peer),
    of('ed_close_wait_oldest_seconds', () => oldestSeconds, peer),
    of('ed_connects_total', (seconds) => established + ended(seconds), peer),
    of('ed_connect_failures_total', () => 0, peer),
    of('ed_retransmits_total', () => 0, peer),
    of('ed_ends_total', ended, `${peer},class="error"`),
    of('ed_ends_by_reason_total', ended, `${error},reason="reset"`),
    ...[...LIFETIME_BUCKETS_SECONDS, '+Inf'].map((bound) =>
      of('ed_duration_seconds_bucket', (s) => (Number(bound) < 40 ? 0 : ended(s)), `${error},le="${bound}"`),
    ),
    of('ed_duration_seconds_count', ended, error),
    of('er_up', () => 1),
    of('er_lost_events_total', () => 0),
    of('er_lost_ends_total', () => 0),
  ];
}
