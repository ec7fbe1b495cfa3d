import { addressMisfit, type AddressRules } from '../../settings/address-misfit.ts';
import { parseTarget } from '../../text/host-port.ts';
import { quoteValue } from '../../text/quote-value.ts';

/**
 * Why a target from a command line cannot be held under these settings, as a sentence that says what to write; null: it
 * can. The rules are those for a file.
 *
 * @example targetProblem('h', DEFAULT_PEER_SETTINGS)  // 'target "h" has no port; a port is required, like redis-0:6379'
 */
export function targetProblem(written: string, rules: AddressRules): string | null {
  const result = parseTarget(written);
  const problem = result.kind === 'invalid' ? result.message : addressMisfit(result.target, rules);
  return problem === null ? null : `target ${quoteValue(written)} ${problem}`;
}
