/** A field of a trace event. `offset` and `size` in bytes. */
export type EventField = { readonly offset: number; readonly size: number };

/** A trace event as its `format` file describes it. Offsets differ between kernels: they are never assumed. */
export type EventFormat = {
  readonly id: number;
  readonly fields: ReadonlyMap<string, EventField>;
};

const ID = /^ID:\s*(\d+)$/m;
const FIELD = /field:[^;]*?(\w+)(?:\[\d*\])?;\s*offset:(\d+);\s*size:(\d+);/g;

/** Reads a `format` file; null: it is none. */
export function readEventFormat(text: string): EventFormat | null {
  const id = ID.exec(text)?.[1];
  if (id === undefined) return null;
  const fields = Array.from(text.matchAll(FIELD), ([, name = '', offset, size]): [string, EventField] => [
    name,
    { offset: Number(offset), size: Number(size) },
  ]);
  return { id: Number(id), fields: new Map(fields) };
}
