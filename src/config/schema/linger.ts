/** Whatever a source forgets for a day is gone. */
export const LONGEST_LINGER_MS = 86_400_000;
