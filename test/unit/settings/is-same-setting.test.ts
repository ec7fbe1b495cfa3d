import { expect, test } from 'vitest';
import { isSameSetting } from '../../../src/settings/is-same-setting.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

test.each([
  { one: 1, other: 1, same: true },
  { one: 1, other: 2, same: false },
  { one: 0, other: null, same: false },
  { one: null, other: null, same: true },
  { one: null, other: {}, same: false },
  { one: {}, other: null, same: false },
  { one: {}, other: 'x', same: false },
  { one: 'x', other: {}, same: false },
  { one: {}, other: {}, same: true },
  { one: { a: 1, b: { c: 2 } }, other: { b: { c: 2 }, a: 1 }, same: true },
  { one: { a: 1, b: { c: 2 } }, other: { a: 1, b: { c: 3 } }, same: false },
  { one: { a: 1 }, other: { a: 1, b: 1 }, same: false },
  { one: { a: 1, b: 1 }, other: { a: 1 }, same: false },
  { one: { a: undefined }, other: { b: undefined }, same: false },
  { one: bytes(1, 2), other: bytes(1, 2), same: true },
  { one: bytes(1, 2), other: bytes(1, 3), same: false },
  { one: bytes(1, 2), other: bytes(1, 2, 3), same: false },
  { one: bytes(), other: {}, same: false },
  { one: {}, other: bytes(), same: false },
])('$one and $other: $same', ({ one, other, same }) => {
  expect(isSameSetting(one, other)).toBe(same);
});
