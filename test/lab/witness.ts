import type { Scenario } from './scenario.ts';

/** The errno that a poll() client must see for a reason, where the reason has one. */
const ERRNO: Readonly<Record<string, string>> = {
  'error/reset': 'ECONNRESET',
  'error/keepalive_timeout': 'ETIMEDOUT',
  'error/retransmit_timeout': 'ETIMEDOUT',
  'error/host_unreachable': 'EHOSTUNREACH',
  'error/network_unreachable': 'ENETUNREACH',
  'error/port_unreachable': 'ECONNREFUSED',
  'error/aborted': 'ECONNABORTED',
};
/** TLS speaks before TCP ends: the twin gets a byte where the others get a record. */
const RECORD_FIRST = /close_notify|alert|garbage|say_tls/;

/**
 * What the twins of a scenario must have seen, each of them: the proof that the fault was what it says. Empty where
 * nothing ends.
 */
export function expectedOfTwin(scenario: Scenario): ReadonlyMap<string, number> {
  const { expect, repeat } = scenario;
  if (expect.kind !== 'disconnect') return new Map();
  return new Map([[sightOf(scenario, expect.verdict), repeat]]);
}

function sightOf({ steps, family }: Scenario, verdict: string): string {
  const ops = steps.flatMap((step) => ('server' in step ? step.server : []));
  if (ops.some((op) => RECORD_FIRST.test(op))) return 'data';
  if (verdict === 'error/prohibited') return family === 'ipv6' ? 'EACCES' : 'ENOPROTOOPT';
  return ERRNO[verdict] ?? 'eof';
}
