import type { Scenario } from '../scenario.ts';

/** What IPv6 says differently: RFC 4443 has other codes, and Linux maps some to EACCES (net/ipv6/icmp.c). */
const SPECIAL: Readonly<
  Record<string, { readonly injected: string; readonly verdict?: string; readonly reason?: string }>
> = {
  C19: { injected: 'middlebox answers ICMPv6 address unreachable, we write every 500 ms' },
  C20: { injected: 'middlebox answers ICMPv6 no route, we write every 500 ms' },
  C21: { injected: 'middlebox answers ICMPv6 port unreachable, we write every 500 ms' },
  C22: {
    injected: 'middlebox answers ICMPv6 administratively prohibited, we write every 500 ms',
    verdict: 'error/prohibited',
  },
  C23: { injected: 'middlebox answers ICMPv6 policy failure, we write every 500 ms', verdict: 'error/prohibited' },
  F06: { injected: 'connect: rejected with ICMPv6 administratively prohibited', reason: 'prohibited' },
  F06b: {
    injected: 'connect: rejected with ICMPv6 administratively prohibited, the first SYN lost',
    reason: 'prohibited',
  },
};
const OVER_IPV6 = new Set(
  'C01 C02 C03 C06 C07b C10 C12 C14 C16 C18 C19 C20 C21 C22 C23 C26 C27 C39 C40 C44 C45 P02b P03 H01 H03 W03 F01 F02 F03 F04 F05 F06 F03b F04b F05b F06b F07'.split(
    ' ',
  ),
);

/** The same scenarios over IPv6: the loopback and the reject rows. */
export function overIpv6(scenarios: readonly Scenario[]): readonly Scenario[] {
  return scenarios
    .filter(({ id }) => OVER_IPV6.has(id))
    .map((scenario) => {
      const special = SPECIAL[scenario.id];
      const { expect } = scenario;
      const changed =
        expect.kind === 'disconnect' && special?.verdict !== undefined
          ? { ...expect, verdict: special.verdict }
          : expect.kind === 'connectFailure' && special?.reason !== undefined
            ? { ...expect, reason: special.reason }
            : expect;
      return {
        ...scenario,
        id: `${scenario.id}v6`,
        injected: `IPv6: ${special?.injected ?? scenario.injected}`,
        family: 'ipv6',
        expect: changed,
      };
    });
}
