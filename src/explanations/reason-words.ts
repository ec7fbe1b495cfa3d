import type { Announcement } from '../settings/announcement.ts';
import type { ConnectFailure } from '../domain/connect-failure.ts';
import type { DisconnectReason, LocalCloseReason } from '../domain/disconnect.ts';
import type { Disconnected } from '../domain/events/connection-events.ts';
import type { SaidGoodbye } from '../domain/goodbye.ts';
import type { StalledBy } from '../domain/stalled-by.ts';

/**
 * What a reason means, for people: what happened, and what that usually comes from. No full stop at the end. The terminal,
 * the dashboards and the table in docs/reasons.md all have their words from here.
 */
export type Words = { readonly what: string; readonly hint?: string };

const DISCONNECTS: Readonly<Record<DisconnectReason, Words>> = {
  fin: {
    what: 'the peer closed the connection in order',
    hint: 'usually an idle timeout of the peer or a proxy in front of it, a restart, or an answer that ended the talk',
  },
  close_notify: {
    what: 'the peer closed the TLS session in order',
    hint: 'usually an idle timeout of the peer or a proxy in front of it, or a restart',
  },
  goodbye: {
    what: 'the peer asked us to leave in the words of its protocol, and left the closing to us',
    hint: 'usually a server that stops, or moves its clients elsewhere; the goodbye says which',
  },
  reset: {
    what: 'the peer, or a box that speaks for it, reset the connection',
    hint: 'usually a process that died or was stopped with unread data, a firewall or balancer that forgot the connection',
  },
  keepalive_timeout: {
    what: 'the path went dead: keepalive probes were not answered',
    hint: 'the host is gone or cut off, or a middlebox dropped an idle connection silently',
  },
  retransmit_timeout: {
    what: 'what we sent was never acknowledged, or never taken',
    hint: 'the host is gone or cut off, a middlebox dropped the connection silently, or the peer stopped reading',
  },
  timeout: { what: 'the kernel gave the connection up after a timeout' },
  host_unreachable: {
    what: 'the network says that the host cannot be reached',
    hint: 'host down, or its address no longer answers on its network',
  },
  network_unreachable: {
    what: 'the network says that there is no route',
    hint: 'a route or an interface went away, here or on the way',
  },
  port_unreachable: {
    what: 'the host says that the port is closed, by ICMP',
    hint: 'usually a firewall rule that rejects, or a service whose backends went away',
  },
  prohibited: {
    what: 'a firewall or a rule said no',
    hint: 'look for a rule or a network policy that was added meanwhile',
  },
  aborted: {
    what: 'this host killed the connection',
    hint: 'something ran ss -K, or a network driver changed addresses',
  },
  local_resource: { what: 'this host ran out of memory for sockets' },
  tls_truncated: {
    what: 'the peer closed TCP without closing TLS first',
    hint: 'the last data may be missing; many servers do this by habit, a crash or an attacker looks the same',
  },
  tls_alert: {
    what: 'the peer sent a fatal TLS alert',
    hint: 'often a client certificate that it wants and did not get, or no longer accepts',
  },
  tls_error: {
    what: 'TLS broke: a record could not be read',
    hint: 'something changes bytes on the way, or the peer is broken',
  },
  protocol: {
    what: 'the answer to a heartbeat was not the expected one',
    hint: 'compare --heartbeat.expect with what it answers',
  },
  other: { what: 'an error that has no name of its own; the errno says more' },
  no_data: { what: 'nothing arrived for the idle timeout' },
  no_reply: {
    what: 'a heartbeat was not answered',
    hint: 'the peer hangs or is overloaded, the path is dead, or the peer does not know this heartbeat',
  },
  write_stalled: {
    what: 'what we sent did not drain',
    hint: 'the peer does not read: it hangs or is overloaded; with retransmits the path is dead',
  },
};

const STALLS: Readonly<Record<StalledBy, Words>> = {
  peer: {
    what: 'the peer acknowledges what we send and does not read it',
    hint: 'the peer hangs, is overloaded, or does not expect it',
  },
  path: {
    what: 'the path does not carry what we send: it is not acknowledged',
    hint: 'the host is gone or cut off, or a middlebox dropped the connection silently',
  },
};

const FAILURES: {
  readonly [P in ConnectFailure['phase']]: Readonly<Record<(ConnectFailure & { phase: P })['reason'], Words>>;
} = {
  dns: {
    not_found: { what: 'no such name' },
    temporary: { what: 'the name server could not answer now' },
    timeout: { what: 'the name was not resolved in time' },
    other: { what: 'the name could not be resolved' },
  },
  tcp: {
    refused: { what: 'nothing listens on the port, or a box in between refused for it' },
    timeout: { what: 'no answer in time', hint: 'host down, a wrong address, or a firewall that drops silently' },
    host_unreachable: { what: 'the host cannot be reached' },
    network_unreachable: { what: 'there is no route' },
    prohibited: { what: 'a firewall or a rule said no' },
    address_unavailable: { what: 'no local address or port is free for it' },
    fd_limit: { what: 'no file descriptor is free', hint: 'raise the limit (ulimit -n), or lower the number of peers' },
    other: { what: 'TCP could not connect; the errno says more' },
  },
  tls: {
    certificate: {
      what: 'the certificate is not trusted',
      hint: 'self-signed, expired, or signed by an authority we do not know',
    },
    hostname: {
      what: 'the certificate is for another name',
      hint: 'the name to ask for is set with --tls.server-name',
    },
    alert: { what: 'the peer refused the TLS handshake with an alert' },
    version: { what: 'no TLS version in common' },
    not_tls: { what: 'the peer does not speak TLS' },
    eof: { what: 'the peer closed during the TLS handshake' },
    reset: { what: 'the connection was reset during the TLS handshake' },
    timeout: { what: 'the TLS handshake was not done in time', hint: 'perhaps the port does not speak TLS' },
    other: { what: 'the TLS handshake failed' },
  },
  protocol: {
    rejected: {
      what: 'the first answer was not the expected one',
      hint: 'compare --heartbeat.expect with what it answers',
    },
    eof: {
      what: 'the peer closed before its first answer',
      hint: 'it is full, or the port wants TLS, a login or another protocol',
    },
    reset: {
      what: 'the connection was reset before the first answer',
      hint: 'it is full, or the port wants TLS, a login or another protocol',
    },
    timeout: {
      what: 'the first answer did not come in time',
      hint: 'the host accepts connections, its process hangs or does not know this heartbeat',
    },
    other: { what: 'the connection failed before the first answer' },
  },
};

const LOCAL_CLOSES: Readonly<Record<LocalCloseReason, string>> = {
  shutdown: 'we are shutting down',
  removed: 'the peer was removed from the configuration, or vanished from discovery',
  reconfigured: 'its settings changed',
  max_age: 'it reached its greatest age',
  resharded: 'another shard holds the peer now',
};

const ANNOUNCED: Readonly<Record<Announcement, string>> = {
  terminating: 'the platform shuts the peer down',
  removed: 'its target is gone from its source',
  requested: 'a rule or a person asked for it',
};

/** The words for what was announced of the end of a peer. */
export function announcementWords(announcement: Announcement): string {
  return ANNOUNCED[announcement];
}

/** The words for a disconnect: no two classes share a reason. */
export function reasonWords(reason: DisconnectReason): Words {
  return DISCONNECTS[reason];
}

/** The words for one disconnect, by its evidence where that says more than the reason. */
export function disconnectWords({ reason, stalledBy }: Pick<Disconnected, 'reason' | 'stalledBy'>): Words {
  return stalledBy === undefined ? reasonWords(reason) : STALLS[stalledBy];
}

/** What the evidence of a disconnect says beyond its reason, for a line; undefined: nothing. */
export function disconnectDetail(
  disconnect: Pick<Disconnected, 'reason' | 'stalledBy' | 'detail'>,
): string | undefined {
  if (disconnect.detail !== undefined) return disconnect.detail;
  return disconnect.stalledBy === undefined ? undefined : disconnectWords(disconnect).what;
}

/** The words for a failed attempt. */
export function failureWords(failure: ConnectFailure): Words {
  switch (failure.phase) {
    case 'dns':
      return FAILURES.dns[failure.reason];
    case 'tcp':
      return FAILURES.tcp[failure.reason];
    case 'tls':
      return FAILURES.tls[failure.reason];
    case 'protocol':
      return FAILURES.protocol[failure.reason];
  }
}

const REFUSED_LOGIN: Words = { what: 'the peer refused the login' };

/** The words for one failed attempt, by its evidence where that says more than the reason. */
export function attemptWords(failed: ConnectFailure & Partial<SaidGoodbye>): Words {
  const isRefusedLogin = failed.reason === 'rejected' && failed.goodbye !== undefined;
  return isRefusedLogin ? REFUSED_LOGIN : failureWords(failed);
}

/** Why we closed a connection ourselves. */
export function localCloseWords(reason: LocalCloseReason): string {
  return LOCAL_CLOSES[reason];
}
