/** A limit of time that somebody's software or service has. */
export type KnownLimit = {
  readonly seconds: number;
  /** Where the end comes later than the limit, that. */
  readonly endsAt?: number;
  /** Whether it has a narrow bucket of its own in our histograms. */
  readonly hasBucket: boolean;
  /** It is a server's, for clients that have not logged in or asked for anything. */
  readonly beforeLogin?: true;
  /** Who has it, in a few words for a chart. */
  readonly short: string;
  /** Who has it; names of settings in backticks. */
  readonly who: string;
  /** What a connection sees then. */
  readonly seen: string;
};

/** The one table: that of docs/idle-limits.md and of `explain`, from where hints, conclusions and charts have their suspects. Sources stand there. */
export const KNOWN_LIMITS: readonly KnownLimit[] = [
  {
    seconds: 60,
    hasBucket: true,
    beforeLogin: true,
    short: 'AWS ALB, nginx proxy',
    who: 'PostgreSQL before login (`authentication_timeout`), nginx before the first request (`client_header_timeout`), AWS ALB and classic load balancers',
    seen: 'FIN',
  },
  {
    seconds: 75,
    hasBucket: true,
    short: 'nginx keepalive',
    who: 'nginx between requests (`keepalive_timeout`)',
    seen: 'FIN',
  },
  {
    seconds: 90,
    endsAt: 95,
    hasBucket: true,
    beforeLogin: true,
    short: 'Mosquitto',
    who: 'Mosquitto without CONNECT',
    seen: 'FIN',
  },
  { seconds: 100, hasBucket: true, short: 'Cloudflare', who: 'Cloudflare', seen: 'FIN' },
  {
    seconds: 120,
    hasBucket: false,
    beforeLogin: true,
    short: 'OpenSSH',
    who: 'OpenSSH before login (`LoginGraceTime`)',
    seen: 'FIN',
  },
  {
    seconds: 240,
    hasBucket: true,
    short: 'Azure load balancer',
    who: 'Azure load balancer (default 4 min)',
    seen: 'nothing, or RST where "TCP reset" is enabled',
  },
  {
    seconds: 300,
    hasBucket: true,
    short: 'many servers',
    who: 'Postfix (`smtpd_timeout`), and many servers with "5 minutes" in their configuration',
    seen: 'FIN',
  },
  {
    seconds: 350,
    hasBucket: true,
    short: 'AWS NLB, NAT gateway',
    who: 'AWS NAT gateway, VPC endpoints, network load balancer (default), Network Firewall',
    seen: 'nothing; your next bytes are not delivered',
  },
  {
    seconds: 600,
    hasBucket: true,
    short: 'Google Cloud, nginx stream',
    who: 'nginx `stream` (`proxy_timeout`), Kafka brokers, Google Cloud VPC firewalls',
    seen: 'FIN from the first two; nothing from the last',
  },
  {
    seconds: 900,
    hasBucket: true,
    short: 'IPVS (kube-proxy)',
    who: "Linux IPVS (kube-proxy in IPVS mode, Docker Swarm), Active Directory's LDAP",
    seen: 'nothing, or RST at the next packet; FIN from LDAP',
  },
  { seconds: 1200, hasBucket: false, short: 'Google Cloud NAT', who: 'Google Cloud NAT', seen: 'nothing' },
  { seconds: 3600, hasBucket: true, short: 'Envoy, Istio', who: 'Envoy and Istio TCP proxies', seen: 'FIN' },
  {
    seconds: 7200,
    hasBucket: false,
    short: 'Linux keepalive',
    who: "Linux keepalive's own default: a dead path is noticed after another 11 min of probes, about 7875 s after the last packet, in the wide bucket from 7200 s to 14400 s",
    seen: '`keepalive_timeout`',
  },
  {
    seconds: 28_800,
    hasBucket: false,
    short: 'MySQL',
    who: 'MySQL and MariaDB after login (`wait_timeout`)',
    seen: 'FIN from MySQL, from 8.0.24 on with a goodbye; RST from MariaDB',
  },
  { seconds: 432_000, hasBucket: false, short: 'Linux conntrack', who: 'Linux conntrack (five days)', seen: 'nothing' },
];

/** A timer that is exact is no further from its setting. */
const NEAR = 0.02;

/** The limits in a bracket that a packet found: longer than what was survived, at most what was not. They end nothing by themselves. */
export function knownLimitsWithin(survivedMs: number, atMostMs: number): readonly KnownLimit[] {
  return KNOWN_LIMITS.filter(
    ({ seconds, seen }) => seen.includes('nothing') && seconds * 1000 > survivedMs && seconds * 1000 <= atMostMs,
  );
}

/** The limits within 2 % of a length at which the peer, or a box that speaks for it, says by itself that it is over. */
export function knownLimitsNear(milliseconds: number): readonly KnownLimit[] {
  return KNOWN_LIMITS.filter(({ seconds, endsAt, seen }) => {
    const speaks = /FIN|RST/.test(seen);
    return speaks && [seconds, endsAt].some((at) => at !== undefined && isNear(milliseconds, at * 1000));
  });
}

function isNear(length: number, limit: number): boolean {
  return Math.abs(length - limit) <= NEAR * limit;
}
