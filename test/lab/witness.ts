import { LOST_PROBE, LOST_WRITE, type Scenario, type TwinSight } from './scenario.ts';
import type { TwinEnd } from './twins.ts';

/** The errno that a poll() client must see for a reason, where the reason has one. */
const ERRNO: Readonly<Record<string, string>> = {
  'error/reset': 'ECONNRESET',
  'error/keepalive_timeout': LOST_PROBE,
  'error/retransmit_timeout': LOST_WRITE,
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
  const { expect, repeat, twinSees } = scenario;
  if (twinSees !== undefined) return new Map([[twinSees, repeat]]);
  if (expect.kind !== 'disconnect') return new Map();
  return new Map([[sightFor(scenario, expect.verdict), repeat]]);
}

/** What one twin saw, in the same words. */
export function sightOf({ what, outstanding }: TwinEnd): TwinSight {
  if (what !== 'ETIMEDOUT') return what;
  return outstanding > 0 ? LOST_WRITE : LOST_PROBE;
}

function sightFor({ steps, family }: Scenario, verdict: string): TwinSight {
  const ops = steps.flatMap((step) => ('server' in step ? step.server : []));
  if (ops.some((op) => RECORD_FIRST.test(op))) return 'data';
  if (verdict === 'error/prohibited') return family === 'ipv6' ? 'EACCES' : 'ENOPROTOOPT';
  return ERRNO[verdict] ?? 'eof';
}
