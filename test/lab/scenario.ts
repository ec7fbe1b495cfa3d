import type { ConnectPhase } from '../../src/domain/connect-failure.ts';
import type { Client } from './addresses.ts';
import type { SeenEvent } from './event-feed.ts';
import type { HeldByServer } from './fault-server.ts';

/** What the daemon is to say about one repeat of a scenario. */
export type Expectation =
  /** Exactly one end, with this class and reason, between `withinMs[0]` and `withinMs[1]` after the injection. */
  | {
      readonly kind: 'disconnect';
      readonly verdict: string;
      readonly withinMs: readonly [number, number];
      /** The fault stays: later connections of the same peer end the same way, again once each. */
      readonly recurs?: boolean;
      /** Bounds on the event's `idle_s`, where the figure is the point of the scenario. */
      readonly idleSeconds?: readonly [number, number];
      /** Bounds on the bytes of ours outstanding that the log line gives, where the kernel's own count is known. */
      readonly unackedBytes?: readonly [number, number];
      /** Bounds on `quiet_s`, likewise. */
      readonly quietSeconds?: readonly [number, number];
    }
  /** No end of any kind for this long after the injection, and the same connection still held. */
  | { readonly kind: 'none'; readonly forMs: number }
  /** Attempts fail in this phase with this reason, never a connection and never a disconnect. */
  | {
      readonly kind: 'connectFailure';
      readonly phase: ConnectPhase;
      readonly reason: string;
      readonly withinMs: number;
    }
  /** One connection and no end, although an attempt or an address may fail first. */
  | { readonly kind: 'connects' };

/**
 * Firewall states. Each is a set of destination networks that a fixed rule looks at: in the middlebox, and for `own_...`
 * in the client's own output hook.
 */
export type Firewall =
  | 'black_hole'
  | 'drop_answers'
  | 'drop_requests'
  | 'drop_large'
  | 'lose_first'
  | 'lose_30_percent'
  | 'reject_reset'
  | 'reject_host_unreachable'
  | 'reject_net_unreachable'
  | 'reject_port_unreachable'
  | 'reject_admin_prohibited'
  | 'reject_proto_unreachable'
  | 'tracked'
  | 'translated'
  | 'invalid_drop'
  | 'invalid_reset'
  | 'idle_limit_3s'
  | 'idle_limit_4s'
  | 'idle_proxy'
  | 'service'
  | 'own_drop'
  | 'own_reject'
  | 'own_reset';

/**
 * One thing the lab does. The last step but waits is the injection: times are counted from it.
 * `server` acts on one repeat after the other, 20 ms apart, so that each delay is one end's and not a burst's; everything
 * else acts on all repeats of the scenario at once.
 */
export type Step =
  | { readonly server: readonly string[] }
  | { readonly firewall: Firewall }
  | { readonly heal: Firewall }
  | { readonly wait: number }
  /** One byte from the server to every connection: their keepalive clocks start together. */
  | { readonly sync: true }
  /** `ss -K` on the sockets of one repeat after the other. */
  | { readonly killSockets: 'client' | 'server' }
  /** Replaces the scenario's group settings, SIGHUP, and waits until they are in force. */
  | { readonly reload: Readonly<Record<string, unknown>> }
  /** Runs a command once; `SUBNET` is replaced by the scenario's network, `LINK` by the name of its own link (both ends), `GATEWAY` by that link's far end, `BACKENDS` by the network behind translated addresses. */
  | { readonly run: readonly string[]; readonly in: 'client' | 'middlebox' | 'server' }
  | { readonly dns: (k: number, at: AddressAt) => readonly [name: string, answer: DnsAnswer] };

/** The k-th address of the scenario's own network that belongs to this client. */
export type AddressAt = (client: Client, k: number) => string;

export type DnsAnswer = readonly string[] | 'nxdomain' | 'servfail' | 'mute';

/** How the fault server treats the connections of a scenario; see fault_server.py. */
export type ServerPlan = {
  readonly unread?: boolean;
  /** Each connection is held by a process of its own, which is silent, says `tick` twice a second, or answers each line with `+PONG`. */
  readonly process?: 'silent' | 'chatty' | 'answering';
  readonly rcvbuf?: number;
  readonly on_accept?: readonly string[];
  /** Done whenever data of the daemon arrives. */
  readonly on_data?: readonly string[];
  readonly reply?: string;
  /** Only the first connection to an address is answered: the process is frozen from then on, its kernel accepts. */
  readonly answers_once?: boolean;
  readonly push_every_ms?: number;
  readonly tls?: {
    readonly version: '1.2' | '1.3';
    readonly certificate?: string;
    readonly client_certificate?: boolean;
    readonly hello?: 'mute' | 'plain' | 'rst' | 'eof';
    /** Not only the first connection of an address. */
    readonly always?: boolean;
  };
};

export type Scenario = {
  readonly id: string;
  /** What was done, as docs/conformance.md prints it. */
  readonly injected: string;
  readonly family?: 'ipv4' | 'ipv6';
  /** Settings of the group, in the words of the configuration file. */
  readonly group?: Readonly<Record<string, unknown>>;
  readonly server?: ServerPlan;
  /** The target of repeat k, where it is not the address of that repeat. */
  readonly target?: (k: number, at: AddressAt) => string;
  /** A name that exists before the daemon starts. */
  readonly name?: (k: number, at: AddressAt) => readonly [name: string, answer: DnsAnswer];
  /** Where the peers listen, if not on the usual port. */
  readonly port?: number;
  /** Source address of the route to the scenario's network. */
  readonly source?: string;
  /** The scenario's network lies behind a link of its own between client and middlebox, which may be broken in any way. */
  readonly link?: boolean;
  readonly before?: readonly Step[];
  readonly steps: readonly Step[];
  readonly expect: Expectation;
  readonly repeat: number;
  /** False where a twin or a plain client has nothing to show: no connection comes about, or its end is our own timer's. */
  readonly twin?: boolean;
  readonly plain?: boolean;
  /** What the twins see, where the daemon ends it by a deadline of its own: proof of the state of the path. */
  readonly twinSees?: TwinSight;
  /**
   * A plain client dials it, too, and that is observed. `soft`: the ICMP error may come back while connect() holds the socket;
   * the trace has no errno of it then. `unseen`: its kernel refuses before there is a packet, and no line of the trace says so.
   */
  readonly dialled?: 'seen' | 'soft' | 'unseen';
  /** Scenarios of one lane run one after another; those without a lane run at once. */
  readonly lane?: 'fast' | 'conntrack';
  /** What else must be true of repeat k when all is over; null: it is. */
  readonly check?: (k: number, seen: Afterwards) => string | null;
  readonly note?: string;
};

/**
 * The errno a poll() client gets, or what arrived instead. For ETIMEDOUT also whether SIOCOUTQ found bytes outstanding on
 * the dead socket: that is what tells a lost write from a lost keepalive probe.
 */
export type TwinSight = string;
export const LOST_WRITE: TwinSight = 'ETIMEDOUT, bytes outstanding';
export const LOST_PROBE: TwinSight = 'ETIMEDOUT, nothing outstanding';

/** What can be asked when a run is over. */
export type Afterwards = {
  /** The value of a per-peer family for this repeat. */
  readonly metric: (family: string) => number | undefined;
  /** All that the daemon said about this repeat. */
  readonly events: readonly SeenEvent[];
  /** Its log lines. */
  readonly log: readonly string[];
  /** TCP states of this repeat's sockets in the client namespace, the held one's among them. */
  readonly sockets: readonly string[];
  /** The server's side of the connection to an address of the scenario. */
  readonly held: (client: Client, k: number) => HeldByServer | undefined;
};

/** Fast scenarios are repeated this often: the chance that a fault shown once in 10 tries hides is 0.9^40 = 1.5 %. */
export const FAST = 40;
/** Scenarios that wait for kernel timers; all repeats wait at the same time. */
export const SLOW = 10;

/** Keepalive idle, interval and count, and the settings that go with a silent scenario: none of ours may speak first. */
export const keepalive = (idle: number, interval: number, count: number): Record<string, unknown> => ({
  keepalive: { idle: `${idle}s`, interval: `${interval}s`, count },
});

/** For faults that meet every connection: the next one comes so late that the row is no burden to the others. */
export const seldom = { reconnect: { initial: '60s', max: '60s' } } as const;

/** Writes `bytes` bytes every `everyMs` without expecting an answer. */
export const writes = (everyMs: number, bytes = 5): Record<string, unknown> => ({
  heartbeat: { send: 'x'.repeat(bytes), interval: `${everyMs}ms` },
});

/**
 * When retransmission gives up with tcp_retries2 = 2, counted from the cut: the wait for the next write, then about 3.2 s; or
 * 7 times the first timeout where that is above 233 ms (200 ms and the round trip, which may wait for a delayed ACK).
 */
export const RETRIES_GIVE_UP = [1600, 5000] as const;
