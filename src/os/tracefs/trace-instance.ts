import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { readEventFormat } from './event-format.ts';
import { type PageLayout, readPageLayout } from './ring-page.ts';
import { missingField, TRACE_EVENTS, type TraceFormats } from './trace-decoder.ts';
import { lineFilters } from './trace-filter.ts';

/** Rings of ours begin with this; the rest tells those of several processes apart. */
const NAME = 'finrst-observer-';
/** For all processors together: with 9,000 connections a second, a second of lines takes about 8 MB. */
const RING_KB = 16_384;
const SMALLEST_RING_KB = 256;
/** A page is a memory page, of at most 64 KiB on any machine. */
const LARGEST_PAGE = 65_536;

/** A ring, or why there is none. */
export type TraceInstanceResult =
  | { readonly kind: 'opened'; readonly instance: TraceInstance }
  | { readonly kind: 'failed'; readonly problem: string };

/**
 * A trace ring of our own, with the lines of connections to some remote ports. Other users of the trace have theirs and see
 * nothing of it. It lives in the kernel: what a crash leaves behind is removed by the next process that opens one.
 */
export class TraceInstance {
  readonly formats: TraceFormats;
  readonly layout: PageLayout;
  readonly #folder: string;
  readonly #pipes: readonly number[];
  readonly #statFiles: readonly string[];
  readonly #page = Buffer.allocUnsafe(LARGEST_PAGE);
  /** It names the ports; undefined: there are none. */
  #stateFilter: string | undefined;

  private constructor(folder: string, { formats, layout }: { formats: TraceFormats; layout: PageLayout }) {
    this.#folder = folder;
    this.formats = formats;
    this.layout = layout;
    const processors = readdirSync(join(folder, 'per_cpu'));
    const ringKb = Math.max(SMALLEST_RING_KB, Math.floor(RING_KB / processors.length));
    this.#write('trace_clock', 'mono');
    this.#write('buffer_size_kb', String(ringKb));
    this.#pipes = processors.map((processor) =>
      openSync(join(folder, 'per_cpu', processor, 'trace_pipe_raw'), constants.O_RDONLY | constants.O_NONBLOCK),
    );
    this.#statFiles = processors.map((processor) => join(folder, 'per_cpu', processor, 'stats'));
  }

  /** Makes the ring in the first of these places where there is something; `problem` says what is missing. */
  static open(places: readonly string[], suffix: string): TraceInstanceResult {
    const root = places.find((place) => existsSync(place)) ?? places.at(-1) ?? '';
    const folder = join(root, 'instances', `${NAME}${suffix}`);
    let isMade = false;
    try {
      removeLeftOver(root);
      const formats = readFormats(root);
      const layout = readPageLayout(readFileSync(join(root, 'events/header_page'), 'latin1'));
      const missing = formats === null || layout === null ? 'a format that is known' : missingField(formats);
      if (formats === null || layout === null || missing !== null)
        return { kind: 'failed', problem: `the trace events of this kernel lack ${missing}` };
      mkdirSync(folder);
      isMade = true;
      return { kind: 'opened', instance: new TraceInstance(folder, { formats, layout }) };
    } catch (error) {
      if (isMade) removeQuietly(folder);
      return { kind: 'failed', problem: whyNotOpened(root, error) };
    }
  }

  /** Lets lines of these remote ports in, and no others. Without a port there are none. */
  setPorts(ports: readonly number[]): void {
    const hasReason = this.formats.keepaliveReset.fields.has('reason');
    const filters = ports.length === 0 ? null : lineFilters(ports, { hasReason });
    if (filters?.state === this.#stateFilter) return;
    for (const kind of Object.keys(TRACE_EVENTS) as (keyof typeof TRACE_EVENTS)[]) {
      const event = `events/${TRACE_EVENTS[kind].path}`;
      if (filters !== null) this.#write(`${event}/filter`, filters[kind]);
      this.#write(`${event}/enable`, filters === null ? '0' : '1');
    }
    this.#stateFilter = filters?.state;
  }

  /** Hands over every page that is there; it waits for none. The bytes are those of the next page when the call is over. */
  readPages(onPage: (page: Buffer) => void): void {
    for (const pipe of this.#pipes) {
      for (let length = this.#read(pipe); length > 0; length = this.#read(pipe)) onPage(this.#page.subarray(0, length));
    }
  }

  /** Lines that were lost since the ring was made: overwritten before they were read, or dropped. */
  lostLines(): number {
    return this.#statFiles.reduce((sum, file) => sum + lostIn(readFileSync(file, 'latin1')), 0);
  }

  /** What the clock of the lines says now. Nanoseconds. */
  nowNs(): number {
    const [file = ''] = this.#statFiles;
    return nowIn(readFileSync(file, 'latin1'));
  }

  /** Removes the ring. */
  close(): void {
    for (const pipe of this.#pipes) closeSync(pipe);
    removeQuietly(this.#folder);
  }

  #read(pipe: number): number {
    const { stackTraceLimit } = Error;
    // An empty ring is an error of the runtime, twenty times a second and processor: nobody reads its stack.
    Error.stackTraceLimit = 0;
    try {
      return readSync(pipe, this.#page, 0, this.#page.length, null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      throw error;
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  }

  #write(file: string, text: string): void {
    writeFileSync(join(this.#folder, file), text);
  }
}

/** The lines that one processor's `stats` calls lost. */
export function lostIn(stats: string): number {
  return Array.from(stats.matchAll(/^(?:overrun|commit overrun|dropped events): (\d+)$/gm)).reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

/** The time that one processor's `stats` was read, in nanoseconds; it is written in seconds, to the microsecond. */
export function nowIn(stats: string): number {
  const [, seconds = '0', microseconds = '0'] = /^now ts:\s*(\d+)\.(\d{6})$/m.exec(stats) ?? [];
  return Number(seconds) * 1e9 + Number(microseconds) * 1e3;
}

function readFormats(root: string): TraceFormats | null {
  const read = Object.entries(TRACE_EVENTS).map(
    ([kind, { path }]) =>
      [kind, readEventFormat(readFileSync(join(root, 'events', path, 'format'), 'latin1'))] as const,
  );
  return read.some(([, format]) => format === null) ? null : (Object.fromEntries(read) as TraceFormats);
}

/** Those of a process that runs are open and stay. */
function removeLeftOver(root: string): void {
  for (const name of readdirSync(join(root, 'instances')))
    if (name.startsWith(NAME)) removeQuietly(join(root, 'instances', name));
}

function removeQuietly(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // In use, or gone.
  }
}

function whyNotOpened(root: string, error: unknown): string {
  const { code, path } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return path?.includes('/events/') === true
        ? `this kernel does not have the trace event ${path}`
        : `tracefs is not mounted at ${root} (mount -t tracefs nodev ${root})`;
    case 'EACCES':
    case 'EPERM':
      return `${path ?? root} may not be opened: it takes user 0, and a kernel that is not locked down`;
    case undefined:
    default:
      return `${path ?? root}: ${code ?? String(error)}`;
  }
}
