/** A stall of this process that long delays heartbeats and scrapes noticeably; shorter ones are in the histogram. Milliseconds. */
export const NOTABLE_STALL_MS = 1000;
