/** Attempts a second while connections are made, the same for all holders. */
export const CONNECTS_PER_SECOND = 2000;
