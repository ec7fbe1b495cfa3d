import type { LoginSettings } from '../../../settings/protocol-settings.ts';
import type { Path } from '../../../yaml/path.ts';
import type { GroupValues } from '../../schema/config-schema.ts';
import type { Partially } from '../../schema/parse-partially.ts';
import { addProblem, isValid, type ResolveContext } from '../resolve-context.ts';

/** A group that logs in. */
export type LoginScope = {
  readonly context: ResolveContext;
  /** Of the group. */
  readonly path: Path;
  /** Of the options of its protocol. */
  readonly at: Path;
  readonly group: Partially<GroupValues>;
};

/** What the configuration knows of one protocol. */
export type LoginRules = {
  /** From send to send where nothing is written: what servers close soonest by default, and what a heartbeat costs them. */
  readonly intervalMs: number;
  /** Whether everybody on the way can read its password; false where it has methods that do not show it. */
  readonly showsPassword: (login: LoginSettings) => boolean;
  /** The options of a group; what is wrong with them is noted. */
  readonly resolve: (scope: LoginScope) => LoginSettings;
};

/** Words for `showsPassword`. */
export const always = (): boolean => true;
export const never = (): boolean => false;

/** An option that asks for TLS needs `tls` beside the protocol. */
export function refuseWithoutTls({ context, path, at, group }: LoginScope, option: string): void {
  if (group.tls !== undefined || !isValid(context, [...path, 'tls'])) return;
  addProblem(context, [...at, option], `needs tls beside ${String(at.at(-1))}; add tls: {} or remove it`);
}
