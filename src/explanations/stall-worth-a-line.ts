/** A stall of this process that long delays heartbeats and scrapes noticeably; shorter ones are in the histogram. */
export const STALL_WORTH_A_LINE_MS = 1000;
