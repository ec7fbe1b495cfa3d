import { LOGIN_PROTOCOLS, type LoginSettings } from '../../settings/protocol-settings.ts';
import type { Path } from '../../yaml/path.ts';
import type { GroupValues } from '../schema/config-schema.ts';
import type { Partially } from '../schema/parse-partially.ts';
import { LOGINS } from './logins/logins.ts';
import { addProblem, isValid, type ResolveContext } from './resolve-context.ts';

/** The login of a group; null: it has none, or what is written is none, which was noted. */
export function resolveProtocol(
  context: ResolveContext,
  path: Path,
  group: Partially<GroupValues>,
): LoginSettings | null {
  const { protocol } = group;
  refuseOtherMaps(context, path, group);
  return protocol === undefined ? null : LOGINS[protocol].resolve({ context, path, at: [...path, protocol], group });
}

/** Options of a protocol that the group does not speak. */
function refuseOtherMaps(context: ResolveContext, path: Path, group: Partially<GroupValues>): void {
  const { protocol } = group;
  for (const name of LOGIN_PROTOCOLS) {
    if (group[name] === undefined || name === protocol || !isValid(context, [...path, 'protocol'])) continue;
    const instead =
      protocol === undefined ? `the group has no protocol; add protocol: ${name}` : `protocol is ${protocol}`;
    addProblem(context, [...path, name], `is given, but ${instead}`);
  }
}
