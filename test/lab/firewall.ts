import type { Firewall } from './scenario.ts';

/**
 * The middlebox's rules. They never change: what a packet meets depends on the set its far end is in, and scenarios move
 * their own network in and out of sets. So any number of scenarios run at once without seeing each other.
 */
export function firewallRules(): string {
  const sets = setsOf(RULES);
  const forward = (['ip', 'ip6'] as const).flatMap((family) =>
    Object.entries(RULES).flatMap(([name, rule]) => lines(name as Firewall, rule, family)),
  );
  return `table inet lab {
  ${sets}
  set met { type ipv4_addr . inet_service; size 65535; flags dynamic; }
  set met_6 { type ipv6_addr . inet_service; size 65535; flags dynamic; }
  ct timeout three_seconds { protocol tcp; l3proto ip; policy = { established : 3 }; }
  ct timeout four_seconds { protocol tcp; l3proto ip; policy = { established : 4 }; }
  chain untracked {
    type filter hook prerouting priority raw;
    ip daddr @tracked accept
    ip saddr @tracked accept
    meta l4proto tcp notrack
  }
  chain limits {
    type filter hook prerouting priority filter;
    ip daddr @idle_limit_3s ct timeout set "three_seconds"
    ip daddr @idle_limit_4s ct timeout set "four_seconds"
  }
  chain translation {
    type nat hook postrouting priority srcnat;
    ip daddr @translated masquerade
  }
  chain service {
    type nat hook prerouting priority dstnat;
    ip daddr @service dnat ip prefix to ip daddr map { 10.90.0.0/16 : 10.93.0.0/16 }
  }
  chain proxy {
    type nat hook prerouting priority dstnat;
    ip daddr @idle_proxy tcp dport 7000 redirect to :7001
  }
  chain verdicts {
    type filter hook forward priority filter;
    ${forward.join('\n    ')}
  }
}
`;
}

/** The client's own rules, on its way out. */
export function ownRules(): string {
  const output = (['ip', 'ip6'] as const).flatMap((family) =>
    Object.entries(OWN_RULES).flatMap(([name, rule]) => lines(name as Firewall, rule, family)),
  );
  return `table inet lab {
  ${setsOf(OWN_RULES)}
  chain own_output {
    type filter hook output priority filter;
    ${output.join('\n    ')}
  }
}
`;
}

/** Where the rule of a firewall state stands. */
export function placeOf(name: Firewall): 'client' | 'middlebox' {
  return name in OWN_RULES ? 'client' : 'middlebox';
}

function setsOf(rules: object): string {
  return Object.keys(rules)
    .flatMap((name) => [
      `set ${name} { type ipv4_addr; flags interval; }`,
      `set ${name}_6 { type ipv6_addr; flags interval; }`,
    ])
    .join('\n  ');
}

/** `both` matches packets either way, `to` those towards the server, `from` those from it. `set` only names addresses. */
type Rule = { readonly match: 'both' | 'to' | 'from' | 'set'; readonly ip: string; readonly ip6: string };

const same = (match: Rule['match'], action: string): Rule => ({ match, ip: action, ip6: action });
const none: Rule = same('set', '');
const icmp = (ip: string, ip6: string): Rule => ({
  match: 'to',
  ip: `reject with icmp type ${ip}`,
  ip6: `reject with icmpv6 type ${ip6}`,
});

type OwnFirewall = Extract<Firewall, `own_${string}`>;

const OWN_RULES: Readonly<Record<OwnFirewall, Rule>> = {
  own_drop: same('to', 'drop'),
  own_reject: same('to', 'reject'),
  own_reset: same('to', 'meta l4proto tcp reject with tcp reset'),
};

const RULES: Readonly<Record<Exclude<Firewall, OwnFirewall>, Rule>> = {
  lose_first: {
    match: 'to',
    ip: 'ip daddr . tcp sport != @met add @met { ip daddr . tcp sport } drop',
    ip6: 'ip6 daddr . tcp sport != @met_6 add @met_6 { ip6 daddr . tcp sport } drop',
  },
  black_hole: same('both', 'drop'),
  drop_answers: same('from', 'drop'),
  drop_requests: same('to', 'drop'),
  drop_large: same('both', 'meta length > 1000 drop'),
  lose_30_percent: same('both', 'numgen random mod 100 < 30 drop'),
  reject_reset: same('to', 'meta l4proto tcp reject with tcp reset'),
  reject_host_unreachable: icmp('host-unreachable', 'addr-unreachable'),
  reject_net_unreachable: icmp('net-unreachable', 'no-route'),
  reject_port_unreachable: icmp('port-unreachable', 'port-unreachable'),
  reject_admin_prohibited: icmp('admin-prohibited', 'admin-prohibited'),
  reject_proto_unreachable: icmp('prot-unreachable', 'policy-fail'),
  invalid_drop: same('both', 'ct state invalid drop'),
  invalid_reset: same('to', 'ct state invalid meta l4proto tcp reject with tcp reset'),
  tracked: none,
  translated: none,
  idle_limit_3s: none,
  idle_limit_4s: none,
  idle_proxy: none,
  service: none,
};

function lines(name: Firewall, rule: Rule, family: 'ip' | 'ip6'): readonly string[] {
  const set = family === 'ip' ? name : `${name}_6`;
  const to = `${family} daddr @${set} ${rule[family]}`;
  const from = `${family} saddr @${set} ${rule[family]}`;
  switch (rule.match) {
    case 'both':
      return [to, from];
    case 'to':
      return [to];
    case 'from':
      return [from];
    case 'set':
      return [];
  }
}
