import { connectionObject } from '../explanations/connection-fields.ts';
import { limitWords } from '../explanations/limit-words.ts';
import { formatLine, type LineFields } from '../text/line-format.ts';
import type { LineWriter } from '../text/line-writer.ts';
import { toSeconds } from '../text/seconds.ts';
import { timestamp } from '../text/timestamp.ts';
import type { Terminal } from './terminal.ts';
import { createWatchSummary, type PeerSummary } from './watch-summary.ts';

export type JsonLinesOptions = {
  readonly write: LineWriter;
  readonly now: () => number;
};

/**
 * Each step as one JSON object per line, for programs: `time` (RFC 3339), `type` (the API's four, and `state`, `heartbeat`,
 * `warning`), and the fields of the log. It ends with one `summary` object per peer.
 */
export function createJsonLines({ write, now }: JsonLinesOptions): Terminal {
  const summary = createWatchSummary();
  const writeObject = (at: number, fields: LineFields) => write(formatLine('json', { time: timestamp(at) }, fields));
  return {
    sink: {
      connection(event) {
        summary.sink.connection(event);
        writeObject(event.at, connectionObject(event));
      },
      peer(event) {
        summary.sink.peer(event);
        if (event.type !== 'stateEntered') return;
        const { peer, state } = event;
        writeObject(event.at, { type: 'state', peer: peer.peer, group: peer.group, state });
      },
      sample(event) {
        summary.sink.sample(event);
        if (event.type !== 'heartbeatAnswered') return;
        const { peer, rttMs } = event;
        writeObject(event.at, { type: 'heartbeat', peer: peer.peer, group: peer.group, rtt_s: toSeconds(rttMs) });
      },
      process(event) {
        if (event.type === 'warned')
          writeObject(event.at, { type: 'warning', message: event.message, ...event.fields });
      },
    },
    // A program asks for no sentence about the run.
    note: () => {},
    summarize(watchedMs) {
      for (const peer of summary.peers()) writeObject(now(), summaryFields(peer, watchedMs));
    },
    peers: summary.peers,
    table([header = [], ...rows]) {
      for (const row of rows) writeObject(now(), Object.fromEntries(header.map((name, column) => [name, row[column]])));
    },
  };
}

function summaryFields(summary: PeerSummary, watchedMs: number): LineFields {
  const length = (milliseconds: number | null) => (milliseconds === null ? undefined : toSeconds(milliseconds));
  return {
    type: 'summary',
    peer: summary.peer.peer,
    group: summary.peer.group,
    watched_s: toSeconds(watchedMs),
    up_s: toSeconds(summary.upMs),
    connections: summary.connections,
    connect_failures: summary.failures,
    shortest_s: length(summary.shortestMs),
    longest_s: length(summary.longestMs),
    ...prefixed('ended', summary.ends),
    ...prefixed('failed', summary.failed),
    conclusion: conclusionOf(summary),
  };
}

function conclusionOf({ limit }: PeerSummary): string | undefined {
  return limit === null ? undefined : limitWords(limit);
}

function prefixed(prefix: string, counts: Readonly<Record<string, number>>): LineFields {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [`${prefix}.${name}`, count]));
}
