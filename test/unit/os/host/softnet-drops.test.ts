import { expect, test } from 'vitest';
import { readSoftnetDrops } from '../../../../src/os/host/softnet-drops.ts';

/** Two processors of Linux 6.18: processed, dropped, times squeezed, ... */
const TEXT = `0001f4a3 00000010 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
00a1f4a3 0000ffff 00000003 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000001 00000000 00000000
`;

test('the second column of all processors, in hexadecimal', () => {
  expect(readSoftnetDrops(TEXT)).toBe(16 + 65_535);
});

test.each(['', 'nonsense', '0001f4a3\n'])('what is no such file is not known: %j', (text) => {
  expect(readSoftnetDrops(text)).toBeNull();
});
