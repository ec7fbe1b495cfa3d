import { type Announcement, ANNOUNCEMENTS } from '../settings/announcement.ts';

/** What the value of `__announced__` says: empty or `false` is nothing. A word that is not ours is a request of who set it. */
export function announcementOf(value: string): Announcement | null {
  if (value === '' || value === 'false') return null;
  return ANNOUNCEMENTS.find((each) => each === value) ?? 'requested';
}
