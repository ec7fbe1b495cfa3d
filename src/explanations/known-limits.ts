/** A limit of time that somebody's software or service has. */
export type KnownLimit = {
  readonly seconds: number;
  /** Where the end comes later than the limit, that. */
  readonly endsAt?: number;
  /** Whether it has a narrow bucket of its own in our histograms. */
  readonly hasBucket: boolean;
  /** Who has it; names of settings in backticks. */
  readonly who: string;
  /** What a connection sees then. */
  readonly seen: string;
};

/** The table in docs/idle-limits.md, from where conclusions have their suspects. Sources stand there. */
export const KNOWN_LIMITS: readonly KnownLimit[] = [
  {
    seconds: 60,
    hasBucket: true,
    who: 'PostgreSQL before login (`authentication_timeout`), nginx before the first request (`client_header_timeout`), AWS ALB and classic load balancers',
    seen: 'FIN',
  },
  { seconds: 75, hasBucket: true, who: 'nginx between requests (`keepalive_timeout`)', seen: 'FIN' },
  { seconds: 90, endsAt: 95, hasBucket: true, who: 'Mosquitto without CONNECT', seen: 'FIN' },
  { seconds: 100, hasBucket: true, who: 'Cloudflare', seen: 'FIN' },
  { seconds: 120, hasBucket: false, who: 'OpenSSH before login (`LoginGraceTime`)', seen: 'FIN' },
  {
    seconds: 240,
    hasBucket: true,
    who: 'Azure load balancer (default 4 min)',
    seen: 'nothing, or RST where "TCP reset" is enabled',
  },
  {
    seconds: 350,
    hasBucket: true,
    who: 'AWS NAT gateway, VPC endpoints, network load balancer (default), Network Firewall',
    seen: 'nothing; your next bytes are not delivered',
  },
  {
    seconds: 600,
    hasBucket: true,
    who: 'nginx `stream` (`proxy_timeout`), Kafka brokers, Google Cloud VPC firewalls',
    seen: 'FIN from the first two; nothing from the last',
  },
  {
    seconds: 900,
    hasBucket: true,
    who: "Linux IPVS (kube-proxy in IPVS mode, Docker Swarm), Active Directory's LDAP",
    seen: 'nothing, or RST at the next packet; FIN from LDAP',
  },
  { seconds: 1200, hasBucket: false, who: 'Google Cloud NAT', seen: 'nothing' },
  { seconds: 3600, hasBucket: true, who: 'Envoy and Istio TCP proxies', seen: 'FIN' },
  {
    seconds: 7200,
    hasBucket: false,
    who: "Linux keepalive's own default: a dead path is noticed after another 11 min of probes, about 7875 s after the last packet, in the wide bucket from 7200 s to 14400 s",
    seen: '`keepalive_timeout`',
  },
  { seconds: 28_800, hasBucket: false, who: 'MySQL and MariaDB after login (`wait_timeout`)', seen: 'FIN' },
  { seconds: 432_000, hasBucket: false, who: 'Linux conntrack (five days)', seen: 'nothing' },
];

/** A timer that is exact is no further from its setting. */
const NEAR = 0.02;

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
