import { open, stat } from 'node:fs/promises';

import type { LostConnection } from '../../domain/lost-connection.ts';
import {
  LONGEST_TARGET_LABEL,
  MOST_TARGET_LABELS,
  NO_TARGET_LABELS,
  type TargetLabels,
} from '../../settings/target-labels.ts';
import { labelProblem } from '../../text/label-problem.ts';
import { parseTarget } from '../../text/host-port.ts';
import type { Endpoint } from '../../domain/events/connection-events.ts';

/** What a journal says about the run that wrote it. */
export type LastRun = {
  /** It wrote that it had stopped, with exit code 0. */
  readonly clean: boolean;
  /** Connections it had established and never wrote an end of. None where it stopped in order, or could not write all its lines. */
  readonly lostConnections: readonly LostConnection[];
  /** Lines that it could not write. */
  readonly lostLines: number;
  /** The file ends in the middle of a line. */
  readonly torn: boolean;
  readonly bytes: number;
};

/** A line of the journal as it was read: nothing in it is certain. */
export type JournalLine = Readonly<Record<string, unknown>>;

/** Called with each line that is not empty; null: it is no JSON object, or too long to be kept. */
export type OnJournalLine = (line: JournalLine | null) => void;

/** A line of ours has some hundred bytes; one about a reload with a hundred problems has 100 KB. */
const LONGEST_LINE = 1024 * 1024;
/** The longest of an event, with all its labels and addresses, is half of it. */
const LONGEST_EVENT = 32 * 1024;

/**
 * Reads a journal from its beginning, a piece at a time. Null: there is no such file, or nothing in it. What is no line of
 * a journal is skipped: a crash tears a line, and people edit files. Rejects with the error of the file system otherwise.
 *
 * The last sign of life is the later of the last line and the time the file was touched, which a running journal renews.
 */
export async function readLastRun(path: string, now: number, onLine: OnJournalLine): Promise<LastRun | null> {
  const touched = await stat(path).catch(missingIsNull);
  if (touched === null || touched.size === 0) return null;
  const run = new Run(onLine);
  const { bytes, torn } = await eachLine(path, (text) => run.add(text));
  const lastSeenAt = Math.min(now, Math.max(run.lastAt, Math.round(touched.mtimeMs)));
  return {
    clean: run.isClean,
    lostConnections: run.lostConnections(lastSeenAt),
    lostLines: run.lostLines,
    torn,
    bytes,
  };
}

/** What the lines of a journal add up to, one after the other. */
class Run {
  readonly #open = new Map<string, JournalLine>();
  readonly #onLine: OnJournalLine;
  #isClean = false;
  #isStopping = false;
  #lastAt = 0;
  #lostLines = 0;

  constructor(onLine: OnJournalLine) {
    this.#onLine = onLine;
  }

  add(text: string): void {
    if (text === '') return;
    const line = parse(text);
    this.#onLine(text.length > LONGEST_EVENT ? null : line);
    if (line === null) return;
    this.#lastAt = Math.max(this.#lastAt, Date.parse(textOf(line, 'time')) || 0);
    const id = textOf(line, 'connection_id');
    const type = textOf(line, 'type');
    if (type === 'started' || type === 'last_run_read') this.#begin();
    if (type === 'connected' || type === 'still_open') this.#open.set(id, line);
    if (type === 'disconnected' || type === 'local_closed') this.#open.delete(id);
    if (type === 'lines_lost') this.#lostLines += Number(line['lost']) || 1;
    if (type === 'stopping') this.#isStopping = true;
    if (type === 'stopped') this.#isClean = line['exit_code'] === 0;
  }

  get isClean(): boolean {
    return this.#isClean;
  }

  /** Wall-clock time of the last line; 0: none. */
  get lastAt(): number {
    return this.#lastAt;
  }

  get lostLines(): number {
    return this.#lostLines;
  }

  /** The end of a connection may be among the lines that are missing: then nothing is claimed. */
  lostConnections(lastSeenAt: number): readonly LostConnection[] {
    if (this.#isClean || this.#lostLines > 0) return [];
    return [...this.#open.values()].map((line) => lostConnection(line, { lastSeenAt, stopping: this.#isStopping }));
  }

  #begin(): void {
    this.#open.clear();
    this.#isClean = false;
    this.#isStopping = false;
    this.#lostLines = 0;
  }
}

async function eachLine(path: string, add: (text: string) => void): Promise<{ bytes: number; torn: boolean }> {
  const handle = await open(path, 'r');
  try {
    const decoder = new TextDecoder();
    let rest = '';
    let bytes = 0;
    for await (const piece of handle.createReadStream({ autoClose: false })) {
      const chunk = piece as Buffer;
      bytes += chunk.length;
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      // A crash can leave megabytes of zeros: what is no line is not carried along.
      rest = (lines.pop() ?? '').slice(0, LONGEST_LINE);
      lines.forEach(add);
    }
    add(rest);
    return { bytes, torn: rest !== '' };
  } finally {
    await handle.close();
  }
}

function lostConnection(
  line: JournalLine,
  run: { readonly lastSeenAt: number; readonly stopping: boolean },
): LostConnection {
  const [traceId, spanId] = [textOf(line, 'trace_id'), textOf(line, 'span_id')];
  return {
    group: textOf(line, 'group'),
    peer: textOf(line, 'peer'),
    labels: labelsOf(line['labels']),
    connectionId: textOf(line, 'connection_id'),
    remote: endpointFrom(textOf(line, 'address')),
    local: endpointFrom(textOf(line, 'local')),
    establishedAt: Date.parse(textOf(line, 'time')),
    lastSeenAt: run.lastSeenAt,
    reason: run.stopping ? 'shutdown' : 'process_died',
    ...(traceId !== '' && spanId !== '' && { connect: { traceId, spanId } }),
  };
}

/** What was written by us, and no more of what was written by others. */
function labelsOf(written: unknown): TargetLabels {
  if (typeof written !== 'object' || written === null) return NO_TARGET_LABELS;
  const texts = Object.entries(written).filter(
    ([name, value]) => typeof value === 'string' && value.length <= LONGEST_TARGET_LABEL && labelProblem(name) === null,
  );
  return Object.fromEntries(texts.slice(0, MOST_TARGET_LABELS) as [string, string][]);
}

/** People edit files: what is no HOST:PORT becomes an address that says so. */
function endpointFrom(text: string): Endpoint {
  const parsed = parseTarget(text);
  return parsed.kind === 'target'
    ? { address: parsed.target.host, port: parsed.target.port }
    : { address: '', port: 0 };
}

function parse(text: string): JournalLine | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as JournalLine) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function textOf(line: JournalLine, key: string): string {
  const value = line[key];
  return typeof value === 'string' ? value : '';
}

function missingIsNull(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}
