/** Each well-known idle limit (60, 75, 100, 240, 300, 350, 600, 900, 3600 s) falls inside a narrow bucket. */
export const LIFETIME_BUCKETS_SECONDS = [
  0.1, 1, 5, 15, 30, 57, 63, 72, 79, 95, 105, 230, 250, 285, 315, 335, 365, 570, 630, 855, 945, 3420, 3780, 7200,
  14_400, 86_400, 604_800,
] as const;
/** From a loopback handshake to the longest connect_timeout anyone sets in practice. */
export const CONNECT_BUCKETS_SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
] as const;
/** From a quick reconnect to a day of outage. */
export const DOWNTIME_BUCKETS_SECONDS = [
  0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 14_400, 86_400,
] as const;
/** A stall below a millisecond delays nothing that can be measured; above ten seconds the daemon is lost anyway. */
export const STALL_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
