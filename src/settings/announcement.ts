/**
 * Who said that a peer would end, the closed set of labels and fields. `terminating`: the platform shuts it down.
 * `removed`: its target has gone from its source. `requested`: a rule or a person asked for it.
 */
export const ANNOUNCEMENTS = ['terminating', 'removed', 'requested'] as const;
/** What was announced of the end of a peer. */
export type Announcement = (typeof ANNOUNCEMENTS)[number];
