/** The types of records that name targets. */
export const DNS_RECORD_TYPES = ['SRV', 'A', 'AAAA'] as const;

/** One of them. */
export type DnsRecordType = (typeof DNS_RECORD_TYPES)[number];

/** One entry of `dns_sd_configs`. */
export type DnsSettings = {
  /** At least one; no addresses. */
  readonly names: readonly string[];
  readonly type: DnsRecordType;
  /** Of the targets; null with SRV, whose records carry it. */
  readonly port: number | null;
  readonly refreshIntervalMs: number;
  readonly lingerMs: number;
};

/** What holds where an entry says nothing. An address that a resolver leaves out for three answers keeps its connection. */
export const DEFAULT_DNS_SETTINGS = { type: 'SRV', refreshIntervalMs: 30_000, lingerMs: 120_000 } as const;
