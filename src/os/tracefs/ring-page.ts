/** Where a page of a trace ring keeps what, by `events/header_page`. Sizes and offsets in bytes. */
export type PageLayout = {
  readonly timestamp: number;
  readonly commit: number;
  /** Where the entries begin. */
  readonly data: number;
};

/** One entry: its bytes lie in the page from `offset` on. */
export type OnEntry = (page: Buffer, offset: number, timeNs: number) => void;

/** The lower 20 bits of `commit` are the length of the entries; the upper ones are flags (kernel/trace/ring_buffer.c). */
const COMMIT_LENGTH = 0xf_ffff;
/** RB_MISSED_EVENTS: entries before those of this page were overwritten before anybody read them. */
const MISSED_EVENTS = 2 ** 31;

/** Values of `type_len` that are no length, by `events/header_event`. */
const PADDING = 29;
const TIME_EXTEND = 30;
const TIME_STAMP = 31;
/** An entry begins with 5 bits of `type_len` and 27 of the time since the entry before. */
const HEADER_BYTES = 4;
const DELTA_BITS = 2 ** 27;
/** An absolute time stamp has 59 bits; the other 5 come from the page's own (ring_buffer.c, rb_fix_abs_ts). */
const ABSOLUTE_BITS = 2 ** 59;

/** The layout of `events/header_page`; null: the text says no such thing. */
export function readPageLayout(text: string): PageLayout | null {
  const offsetOf = (field: string): number | null => {
    const found = new RegExp(String.raw`\b${field};\s*offset:(\d+);`).exec(text)?.[1];
    return found === undefined ? null : Number(found);
  };
  const timestamp = offsetOf('timestamp');
  const commit = offsetOf('commit');
  const data = offsetOf('data');
  return timestamp === null || commit === null || data === null ? null : { timestamp, commit, data };
}

/**
 * Hands over each entry of a page as `trace_pipe_raw` gives it, oldest first. Times are nanoseconds of the ring's clock; a
 * double keeps them to 2 ns for 208 days of it. Returns whether entries before these were lost. A page that contradicts itself
 * ends where it does so.
 */
export function readRingPage(page: Buffer, layout: PageLayout, onEntry: OnEntry): boolean {
  if (page.length < layout.data) return false;
  const commit = page.readUInt32LE(layout.commit);
  const end = Math.min(layout.data + (commit & COMMIT_LENGTH), page.length);
  const began = readTime(page, layout.timestamp);
  let time = began;
  let at = layout.data;
  while (at + HEADER_BYTES <= end) {
    const header = page.readUInt32LE(at);
    const type = header % 32;
    const delta = Math.floor(header / 32);
    const hasArray = type === 0 || type >= PADDING;
    if (hasArray && at + 2 * HEADER_BYTES > end) break;
    const array = hasArray ? page.readUInt32LE(at + HEADER_BYTES) : 0;
    if (type === PADDING) {
      // With no time it fills the rest of the page.
      if (delta === 0) break;
      time += delta;
      at += HEADER_BYTES + array;
    } else if (type === TIME_EXTEND) {
      time += array * DELTA_BITS + delta;
      at += 2 * HEADER_BYTES;
    } else if (type === TIME_STAMP) {
      time = Math.floor(began / ABSOLUTE_BITS) * ABSOLUTE_BITS + array * DELTA_BITS + delta;
      at += 2 * HEADER_BYTES;
    } else {
      // A length of its own counts itself.
      const length = type === 0 ? array : type * 4;
      const offset = type === 0 ? at + 2 * HEADER_BYTES : at + HEADER_BYTES;
      if (length < HEADER_BYTES || at + HEADER_BYTES + length > end) break;
      time += delta;
      onEntry(page, offset, time);
      at += HEADER_BYTES + length;
    }
  }
  return commit >= MISSED_EVENTS;
}

function readTime(page: Buffer, offset: number): number {
  return page.readUInt32LE(offset + 4) * 2 ** 32 + page.readUInt32LE(offset);
}
