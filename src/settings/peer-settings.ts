export type IpFamily = 'any' | 'ipv4' | 'ipv6';

/** Seconds, because the kernel counts keepalive in seconds. */
export type Keepalive = { readonly idleSeconds: number; readonly intervalSeconds: number; readonly count: number };

export type Reconnect = { readonly initialMs: number; readonly maxMs: number };

export type Heartbeat = {
  readonly send: Uint8Array;
  readonly intervalMs: number;
  /** The bytes an answer must contain and how long it may take, counted from the write; null: no answer is needed. */
  readonly answer: { readonly expect: Uint8Array; readonly timeoutMs: number } | null;
};

export type TlsSettings = {
  /** Null: the host is used; no SNI is sent for an IP address. */
  readonly serverName: string | null;
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly insecureSkipVerify: boolean;
  readonly expectCloseNotify: boolean;
};

/** Everything the configuration says about one peer, resolved: defaults filled in, durations in milliseconds, 0 = never. */
export type PeerSettings = {
  readonly group: string;
  readonly peer: string;
  /** Without brackets, as written otherwise. */
  readonly host: string;
  readonly port: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly writeTimeoutMs: number;
  /** Null: keepalive off, the path stays silent. */
  readonly keepalive: Keepalive | null;
  readonly userTimeoutMs: number;
  readonly reconnect: Reconnect;
  readonly maxConnectionAgeMs: number;
  readonly sampleIntervalMs: number;
  readonly ipFamily: IpFamily;
  readonly sourceAddress: string | null;
  readonly heartbeat: Heartbeat | null;
  readonly tls: TlsSettings | null;
};

/** How many per-peer families are exported; each level contains the one before. */
export const METRIC_DETAILS = ['minimal', 'standard', 'full'] as const;
export type MetricDetail = (typeof METRIC_DETAILS)[number];

/** The key that makes a peer one peer: the same target in two groups is two peers. */
export function peerKey(peer: { readonly group: string; readonly peer: string }): string {
  return `${peer.group}\u0000${peer.peer}`;
}
