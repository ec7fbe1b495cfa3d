import { ByteReader, ByteWriter, type Packed, wholeAt } from './packed.ts';

/** A few packed values as one string, so that one more costs no unpacking of the others. */
export type PackedList = Packed;

export const EMPTY_LIST: PackedList = '';

const writer = new ByteWriter();

export function packList(items: readonly Packed[]): PackedList {
  for (const item of items) writer.text(item, 'latin1');
  return writer.take();
}

/** With this item in front, and behind it at most so many of those that there were: they are copied as they are. */
export function withFirst(list: PackedList, item: Packed, others: number): PackedList {
  writer.text(item, 'latin1');
  let end = 0;
  for (let left = others; left > 0 && end < list.length; left--) {
    const length = wholeAt(list, end);
    end = length.end + length.value;
  }
  writer.latin1(list.slice(0, end));
  return writer.take();
}

export function itemsOf(list: PackedList): readonly Packed[] {
  const reader = new ByteReader(list);
  const items: Packed[] = [];
  while (!reader.isAtEnd) items.push(reader.text('latin1'));
  return items;
}
