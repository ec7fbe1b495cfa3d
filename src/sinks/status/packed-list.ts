import { ByteReader, ByteWriter, type Packed } from './packed.ts';

/** A few packed values as one string, so that one more costs no unpacking of the others. */
export type PackedList = Packed;

export const EMPTY_LIST: PackedList = '';

const writer = new ByteWriter();

export function packList(items: readonly Packed[]): PackedList {
  for (const item of items) writer.text(item, 'latin1');
  return writer.take();
}

export function itemsOf(list: PackedList): readonly Packed[] {
  const reader = new ByteReader(list);
  const items: Packed[] = [];
  while (!reader.isAtEnd) items.push(reader.text('latin1'));
  return items;
}
