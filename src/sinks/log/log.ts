import type { PacedWork } from '../../clock/paced-work.ts';
import { isAbnormal } from '../../domain/disconnect.ts';
import type { ConnectionEvent } from '../../domain/events/connection-events.ts';
import type { IncidentChanged } from '../../domain/events/incident-event.ts';
import type { PeerEvent } from '../../domain/events/peer-events.ts';
import type { ProcessEvent, ShardsChanged, Started } from '../../domain/events/process-events.ts';
import type { SampleEvent } from '../../domain/events/sample-events.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import { presentLabels } from '../../domain/present-labels.ts';
import { isPowerOfTwo } from '../../domain/is-power-of-two.ts';
import type { Sink } from '../../events/bus.ts';
import { discoveryEntry } from './discovery-entry.ts';
import { observedEntry, observedLevel } from './observed-entry.ts';
import { type Entry, LOG_LEVELS, type LogLevel } from './log-entry.ts';
import { connectionFields } from '../../explanations/connection-fields.ts';
import { NOTABLE_STALL_MS } from '../../domain/notable-stall.ts';
import { incidentFields } from '../../explanations/incident-fields.ts';
import { formatLine, type LineFields, type LineFormat } from '../../text/line-format.ts';
import type { LineWriter } from '../../text/line-writer.ts';
import { toSeconds } from '../../text/seconds.ts';
import { timestamp } from '../../text/timestamp.ts';

export type LogOptions = {
  readonly level: LogLevel;
  readonly format: LineFormat;
  readonly write: LineWriter;
  /** The address of the web pages from outside; null: it is not known, and the lines of incidents name no page. */
  readonly externalUrl: string | null;
  /** Where lines are made: at once, or when what is more urgent is done. It keeps the order. */
  readonly work: Pick<PacedWork, 'runLater'>;
};

/**
 * The log as a fold over events: one line per failed attempt, established and ended connection, reload, start and stop.
 * Abnormal ends and failures are `warn`, our own trouble is `error`, all else `info`. Failures in a row of one peer are
 * thinned to the 1st, 2nd, 4th, 8th, ... (the others are `debug`), and the line of the recovery says how many there were.
 * Bytes that came from a peer are in no field.
 */
export function createLogSink({ level, format, write, externalUrl, work }: LogOptions): Sink {
  const lowest = LOG_LEVELS.indexOf(level);
  const isWanted = (wanted: LogLevel): boolean => LOG_LEVELS.indexOf(wanted) >= lowest;
  const add = (at: number, entry: Entry | null): void => {
    if (entry === null || !isWanted(entry.level)) return;
    write(formatLine(format, { ts: timestamp(at), level: entry.level, msg: entry.msg }, entry.fields));
  };
  // Most events are for `debug` alone: 15,000 peers are sampled a thousand times a second. No field is made for nobody.
  const isClose = isWanted('debug');
  // A line takes as long as all else that is done about an end: where many end, it is made after the ends are counted.
  return {
    connection(event) {
      if (isWanted(levelOf(event))) work.runLater(() => add(event.at, connectionEntry(event)));
    },
    ...(isClose && { peer: (event: PeerEvent) => work.runLater(() => add(event.at, peerEntry(event))) }),
    sample(event) {
      if (isClose || event.type === 'loopStalled' || event.type === 'silenceMeasured')
        work.runLater(() => add(event.at, sampleEntry(event)));
    },
    discovery: (event) => work.runLater(() => add(event.at, discoveryEntry(event))),
    observed(event) {
      if (isWanted(observedLevel(event))) work.runLater(() => add(event.at, observedEntry(event)));
    },
    incident: (event) => work.runLater(() => add(event.at, incidentEntry(event, externalUrl))),
    process: (event) => work.runLater(() => add(event.at, processEntry(event))),
  };
}

/** The line that stands for lines which a slow reader made us drop. */
export function droppedLine(format: LineFormat, at: number, dropped: number): string {
  const msg = 'log lines were dropped because nobody read them';
  return formatLine(format, { ts: timestamp(at), level: 'error', msg, dropped_lines: dropped });
}

function levelOf(event: ConnectionEvent): LogLevel {
  switch (event.type) {
    case 'connectFailed':
      return isPowerOfTwo(event.failuresInARow) ? 'warn' : 'debug';
    case 'disconnected':
      return isAbnormal(event.class) ? 'warn' : 'info';
    case 'connected':
    case 'localClosed':
    case 'explained':
      return 'info';
  }
}

function connectionEntry(event: ConnectionEvent): Entry {
  return { level: levelOf(event), msg: messageOf(event), fields: connectionFields(event) };
}

function messageOf(event: ConnectionEvent): string {
  switch (event.type) {
    case 'connectFailed':
      return 'connect failed';
    case 'connected':
      return event.failuresBefore > 0 ? 'connection established after failures' : 'connection established';
    case 'disconnected':
      return 'disconnected';
    case 'localClosed':
      return 'closed by us';
    case 'explained':
      return 'disconnect explained';
  }
}

function incidentEntry(event: IncidentChanged, externalUrl: string | null): Entry {
  const level = event.state === 'running' ? 'warn' : 'info';
  const page = externalUrl === null ? undefined : `${externalUrl.replace(/\/+$/, '')}/incidents/${event.id}`;
  return { level, msg: incidentMessage(event), fields: { ...incidentFields(event), page } };
}

function incidentMessage({ state, sentence, stillDown }: IncidentChanged): string {
  switch (state) {
    case 'running':
      return `incident: ${sentence}`;
    case 'over':
      return stillDown === 0 ? 'incident over' : `incident over, ${stillDown} still down`;
    case 'interrupted':
      return 'incident interrupted: this process stops';
  }
}

function processEntry(event: ProcessEvent): Entry | null {
  switch (event.type) {
    case 'reloadSucceeded': {
      const { added, changed, removed, unchanged } = event;
      return { level: 'info', msg: 'configuration reloaded', fields: { added, changed, removed, unchanged } };
    }
    case 'reloadFailed': {
      const fields = { problems: event.problems.length, problem: event.problems.join('; ') };
      return { level: 'error', msg: 'configuration not reloaded, the old one stays', fields };
    }
    case 'started':
      return { level: 'info', msg: 'started', fields: startedFields(event) };
    case 'shardsChanged':
      return { level: 'info', msg: shardsMessage(event), fields: shardFields(event) };
    case 'handingOver': {
      const msg = 'this shard is scaled away: its connections are held while the others connect';
      return { level: 'info', msg, fields: { held: event.held, for_s: toSeconds(event.forMs) } };
    }
    case 'stopping':
      return { level: 'info', msg: 'stopping', fields: { signal: event.signal } };
    case 'stopped':
      return { level: 'info', msg: 'stopped', fields: { exit_code: event.exitCode } };
    case 'warned':
      return { level: event.level, msg: event.message, ...(event.fields && { fields: event.fields }) };
    case 'scraped':
      return event.outcome === 'ok' ? null : { level: 'debug', msg: 'scrape', fields: { outcome: event.outcome } };
    case 'streamEnded':
      return { level: 'debug', msg: 'event stream', fields: { outcome: event.outcome } };
  }
}

function shardsMessage({ isScaledAway, ordinal, total, wanted }: ShardsChanged): string {
  if (isScaledAway) return 'this shard is wanted no more: it holds what it has and begins no attempt';
  if (ordinal < 0 || ordinal >= total) return 'this shard is none of those that are wanted: it holds nothing';
  return wanted > total ? 'more shards are wanted: this one keeps its share until they are ready' : 'shards counted';
}

function shardFields({ ordinal, total, wanted }: ShardsChanged): LineFields {
  return { ordinal, shards: total, wanted };
}

function startedFields(event: Started): LineFields {
  return {
    version: event.version,
    node_version: event.nodeVersion,
    peers: event.peers,
    kernel_evidence: event.kernelEvidence,
    listening: event.listening.length === 0 ? undefined : event.listening.join(','),
  };
}

/** States and reloads of one peer: only someone who looks closely at it wants to read them. */
function peerEntry(event: PeerEvent): Entry | null {
  switch (event.type) {
    case 'groupAdded':
    case 'groupRemoved':
      return null;
    case 'peerAdded':
      return { level: 'debug', msg: 'peer added', fields: peerFields(event.peer) };
    case 'peerChanged':
      return { level: 'debug', msg: 'peer changed', fields: peerFields(event.peer) };
    case 'peerRemoved':
      return { level: 'debug', msg: 'peer removed', fields: peerFields(event.peer) };
    case 'stateEntered': {
      const { peer, from, state } = event;
      return { level: 'debug', msg: 'state', fields: { ...peerFields(peer), from: from ?? undefined, state } };
    }
    case 'announcementChanged': {
      const { peer, announced } = event;
      if (announced === null) return { level: 'debug', msg: 'announcement withdrawn', fields: peerFields(peer) };
      return { level: 'debug', msg: 'end announced', fields: { ...peerFields(peer), announced } };
    }
    case 'peerHandedOver':
      return { level: 'debug', msg: 'peer handed over', fields: peerFields(event.peer) };
  }
}

function sampleEntry(event: SampleEvent): Entry | null {
  switch (event.type) {
    case 'traffic':
      return null;
    case 'heartbeatAnswered': {
      const fields = { ...peerFields(event.peer), rtt_s: toSeconds(event.rttMs) };
      return { level: 'debug', msg: 'heartbeat answered', fields };
    }
    case 'certificateRead': {
      const fields = { ...peerFields(event.peer), expires: timestamp(event.expiresAt) };
      return { level: 'debug', msg: 'certificate read', fields };
    }
    case 'silenceMeasured': {
      const { peer, survivedMs, fatalMs } = event;
      const fields = {
        ...peerFields(peer),
        ...(survivedMs !== null && { survived_s: toSeconds(survivedMs) }),
        ...(fatalMs !== null && { fatal_s: toSeconds(fatalMs) }),
      };
      return { level: 'info', msg: 'silence measured', fields };
    }
    case 'sampled': {
      const { state, rttMs, outstandingBytes } = event.tcp;
      const fields = { tcp_state: state, rtt_s: toSeconds(rttMs), unacked_bytes: outstandingBytes };
      const newRetransmits = { new_retransmits: event.newRetransmits };
      return { level: 'debug', msg: 'sampled', fields: { ...peerFields(event.peer), ...fields, ...newRetransmits } };
    }
    case 'stayedSilent':
      return { level: 'debug', msg: 'stayed silent', fields: peerFields(event.peer) };
    case 'loopStalled': {
      const level = event.durationMs >= NOTABLE_STALL_MS ? 'error' : 'debug';
      return { level, msg: 'our own event loop was held up', fields: { duration_s: toSeconds(event.durationMs) } };
    }
  }
}

function peerFields({ peer, group, labels }: PeerRef): LineFields {
  return { peer, group, labels: presentLabels(labels) };
}
