import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Packer } from '../../../../src/sinks/status/packed.ts';
import { itemsOf, packList, withFirst } from '../../../../src/sinks/status/packed-list.ts';

const packer = new Packer(['remote', 'reset', '']);
const there = (value: object | null): unknown => packer.unpack(packer.pack(value));

describe('what is packed', () => {
  test('comes back as it was', () => {
    const values = fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 }).filter((each) => typeof each === 'object');
    fc.assert(
      fc.property(values, (value) => {
        expect(there(value)).toStrictEqual(value);
      }),
      { numRuns: 50 },
    );
  });

  test.each([0, 1, 127, 128, 16_384, Number.MAX_SAFE_INTEGER, -1, -0, 0.25, Infinity, -Infinity, 2 ** 60])(
    'number %d',
    (number) => expect(there([number])).toStrictEqual([number]),
  );

  test.each([
    'remote',
    '',
    'é',
    '\u0000ÿ',
    'hex',
    'deadbeef',
    'deadbee',
    'DEADBEEF',
    'cafecafecafecafe',
    '日本 \ud800',
    'x'.repeat(5000),
  ])('text %j', (text) => expect(there([text])).toStrictEqual([text]));

  test('has no fields that were left out', () => {
    expect(there({ errno: undefined, address: '192.0.2.1' })).toStrictEqual({ address: '192.0.2.1' });
  });

  test('takes a byte for a small number, two for a word, a byte for two hexadecimal digits', () => {
    const bytes = (value: object) => packer.pack(value).length - packer.pack([]).length;
    expect([bytes([100]), bytes([1000]), bytes(['reset']), bytes(['4bf92f3577b34da6a3ce929d0e0e4736'])]).toEqual([
      1, 3, 2, 18,
    ]);
    expect(/^[\0-ÿ]*$/.test(packer.pack(['日本', { address: 'ÿ' }]))).toBe(true);
  });
});

test('a list has its items', () => {
  const items = ['', 'a', '\u00ff'.repeat(300)];
  expect(itemsOf(packList(items))).toEqual(items);
  expect(itemsOf(packList([]))).toEqual([]);
});

test('an item in front of a list leaves as many of the others as are wanted', () => {
  const item = fc.string({ unit: fc.constantFrom('a', '\u0000', '\u007f', '\u0080', '\u00ff'), maxLength: 300 });
  fc.assert(
    fc.property(fc.array(item, { maxLength: 5 }), item, fc.nat(6), (items, first, others) => {
      expect(withFirst(packList(items), first, others)).toBe(packList([first, ...items.slice(0, others)]));
    }),
  );
});
