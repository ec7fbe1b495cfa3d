import { expect, test } from 'vitest';
import { descriptorRoom } from '../../../src/settings/descriptor-room.ts';

test.each([
  { limit: 16, room: 8 },
  { limit: 17, room: 8 },
  { limit: 512, room: 256 },
  { limit: 513, room: 257 },
  { limit: 1024, room: 768 },
])('a limit of $limit open files leaves room for $room connections', ({ limit, room }) => {
  expect(descriptorRoom(limit)).toBe(room);
});
