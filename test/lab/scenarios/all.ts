import type { Scenario } from '../scenario.ts';
import { CONNECTS } from './connects.ts';
import { CONNTRACK } from './conntrack.ts';
import { ENDS } from './ends.ts';
import { FIRST_ANSWER } from './first-answer.ts';
import { overIpv6 } from './ipv6.ts';
import { ONE_WAY } from './one-way.ts';
import { OWN_HOST } from './own-host.ts';
import { PATH } from './path.ts';
import { STALL } from './stall.ts';
import { TLS } from './tls.ts';
import { TRANSLATED } from './translated.ts';
import { WINDOW } from './window.ts';

/** `LAB_ONLY='C0.|S01'` runs these alone, while working on them. No report is written then. */
export const ONLY = process.env['LAB_ONLY'];

export function isChosen({ id }: Pick<Scenario, 'id'>): boolean {
  return ONLY === undefined || new RegExp(`^(?:${ONLY})$`).test(id);
}

const ipv4 = [
  ...ENDS,
  ...WINDOW,
  ...PATH,
  ...ONE_WAY,
  ...OWN_HOST,
  ...CONNTRACK,
  ...TRANSLATED,
  ...TLS,
  ...FIRST_ANSWER,
  ...CONNECTS,
];
const all = [...ipv4, ...overIpv6(ipv4)].filter(isChosen);
const isAttempt = ({ expect }: Scenario): boolean => expect.kind === 'connectFailure' || expect.kind === 'connects';

/** Connections that are held and then meet their fault. */
export const FAULTS = all.filter((scenario) => !isAttempt(scenario));
/** Attempts that fail, or succeed on the second address. */
export const ATTEMPTS = all.filter(isAttempt);
/** Faults while the daemon is stopped. */
export const STALLED = STALL.filter(isChosen);

/** For the names of tests. */
export function titled(scenarios: readonly Scenario[]): readonly { readonly id: string; readonly title: string }[] {
  return scenarios.map((scenario) => ({ id: scenario.id, title: `${scenario.id} ${scenario.injected}` }));
}
