import { open, stat } from 'node:fs/promises';

import type { LostConnection } from '../../domain/lost-connection.ts';
import { parseTarget } from '../../text/host-port.ts';
import type { Endpoint } from '../../domain/events/connection-events.ts';

/** What a journal says about the run that wrote it. */
export type LastRun = {
  /** It wrote that it had stopped, with exit code 0. */
  readonly clean: boolean;
  /** Connections it had established and never wrote an end of. */
  readonly lostConnections: readonly LostConnection[];
  /** The file ends in the middle of a line. */
  readonly torn: boolean;
  readonly bytes: number;
};

type Line = Readonly<Record<string, unknown>>;

/**
 * Reads a journal from its beginning, a piece at a time. Null: there is no such file, or nothing in it. What is no line of
 * a journal is skipped: a crash tears a line, and people edit files. Rejects with the error of the file system otherwise.
 *
 * The last sign of life is the later of the last line and the time the file was touched, which a running journal renews.
 */
export async function readLastRun(path: string, now: number): Promise<LastRun | null> {
  const touched = await stat(path).catch(missingIsNull);
  if (touched === null || touched.size === 0) return null;
  const run = new Run();
  const { bytes, torn } = await eachLine(path, (text) => run.add(text));
  const lastSeenAt = Math.min(now, Math.max(run.lastAt, Math.round(touched.mtimeMs)));
  return {
    clean: run.isClean,
    lostConnections: run.lostConnections(lastSeenAt),
    torn,
    bytes,
  };
}

/** What the lines of a journal add up to, one after the other. */
class Run {
  readonly #open = new Map<string, Line>();
  #isClean = false;
  #isStopping = false;
  #lastAt = 0;

  add(text: string): void {
    const line = parse(text);
    if (line === null) return;
    this.#lastAt = Math.max(this.#lastAt, Date.parse(textOf(line, 'time')) || 0);
    const id = textOf(line, 'connection_id');
    const type = textOf(line, 'type');
    if (type === 'started' || type === 'last_run_read') this.#begin();
    if (type === 'connected' || type === 'still_open') this.#open.set(id, line);
    if (type === 'disconnected' || type === 'local_closed') this.#open.delete(id);
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

  lostConnections(lastSeenAt: number): readonly LostConnection[] {
    return [...this.#open.values()].map((line) => lostConnection(line, { lastSeenAt, stopping: this.#isStopping }));
  }

  #begin(): void {
    this.#open.clear();
    this.#isClean = false;
    this.#isStopping = false;
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
      rest = lines.pop() ?? '';
      lines.forEach(add);
    }
    add(rest);
    return { bytes, torn: rest !== '' };
  } finally {
    await handle.close();
  }
}

function lostConnection(line: Line, run: { readonly lastSeenAt: number; readonly stopping: boolean }): LostConnection {
  const [traceId, spanId] = [textOf(line, 'trace_id'), textOf(line, 'span_id')];
  return {
    group: textOf(line, 'group'),
    peer: textOf(line, 'peer'),
    connectionId: textOf(line, 'connection_id'),
    remote: endpointFrom(textOf(line, 'address')),
    local: endpointFrom(textOf(line, 'local')),
    establishedAt: Date.parse(textOf(line, 'time')),
    lastSeenAt: run.lastSeenAt,
    reason: run.stopping ? 'shutdown' : 'process_died',
    ...(traceId !== '' && spanId !== '' && { connect: { traceId, spanId } }),
  };
}

/** People edit files: what is no HOST:PORT becomes an address that says so. */
function endpointFrom(text: string): Endpoint {
  const parsed = parseTarget(text);
  return parsed.kind === 'target'
    ? { address: parsed.target.host, port: parsed.target.port }
    : { address: '', port: 0 };
}

function parse(text: string): Line | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Line) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function textOf(line: Line, key: string): string {
  const value = line[key];
  return typeof value === 'string' ? value : '';
}

function missingIsNull(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}
