import type { Heartbeat } from './heartbeat.ts';
import type { LoginSettings } from './protocol-settings.ts';
import type { TlsSettings } from './tls-settings.ts';

/** Which addresses of a name are tried. */
export type IpFamily = 'any' | 'ipv4' | 'ipv6';

/** Seconds, because the kernel counts keepalive in seconds. */
export type Keepalive = { readonly idleSeconds: number; readonly intervalSeconds: number; readonly count: number };

/** Ceilings of the first delay before a new attempt and of every delay. */
export type Reconnect = { readonly initialMs: number; readonly maxMs: number };

/** Settings that `global` gives and a group may give again. Durations of 0 = never, or the kernel's default. */
export type InheritedSettings = {
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
  /** Null: the kernel chooses. */
  readonly sourceAddress: string | null;
};

/** Everything the configuration says about one peer, resolved: defaults filled in, durations in milliseconds. */
export type PeerSettings = InheritedSettings & {
  readonly group: string;
  readonly peer: string;
  /** Without brackets, as written otherwise. */
  readonly host: string;
  readonly port: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Those of the labels that series, lines and spans of the peer have. */
  readonly targetLabels: readonly string[];
  readonly heartbeat: Heartbeat | null;
  /** What is spoken with the peer; null: nothing but a heartbeat, if any. */
  readonly protocol: LoginSettings | null;
  readonly tls: TlsSettings | null;
};

/** Keepalive where it is on and nothing more is written. */
export const DEFAULT_KEEPALIVE: Keepalive = { idleSeconds: 60, intervalSeconds: 10, count: 3 };

/** What holds where a configuration says nothing. The only place of these defaults: the schema and the docs come from it. */
export const DEFAULT_PEER_SETTINGS: InheritedSettings = {
  connectTimeoutMs: 5000,
  idleTimeoutMs: 0,
  writeTimeoutMs: 30_000,
  keepalive: DEFAULT_KEEPALIVE,
  userTimeoutMs: 0,
  reconnect: { initialMs: 1000, maxMs: 60_000 },
  maxConnectionAgeMs: 0,
  sampleIntervalMs: 15_000,
  ipFamily: 'any',
  sourceAddress: null,
};

/** What a reload can change about a peer that stays the same peer. */
export type ChangeableSetting = Exclude<keyof PeerSettings, 'group' | 'peer'>;

/** Whether an open connection has to be closed before a changed setting holds: the kernel or TLS takes it at connect only. */
export const NEEDS_NEW_CONNECTION: Readonly<Record<ChangeableSetting, boolean>> = {
  host: false,
  port: false,
  labels: false,
  targetLabels: false,
  connectTimeoutMs: false,
  idleTimeoutMs: false,
  writeTimeoutMs: false,
  keepalive: true,
  userTimeoutMs: true,
  reconnect: false,
  maxConnectionAgeMs: false,
  sampleIntervalMs: false,
  ipFamily: true,
  sourceAddress: true,
  heartbeat: false,
  protocol: true,
  tls: true,
};

/** The key that makes a peer one peer: the same target in two groups is two peers. */
export function peerKey(peer: { readonly group: string; readonly peer: string }): string {
  return `${peer.group}\u0000${peer.peer}`;
}
