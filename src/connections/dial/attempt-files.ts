import type { PeerSettings } from '../../settings/peer-settings.ts';
import type { RunnerContext } from '../fleet/runner-context.ts';
import type { PasswordAnswer } from './login-tools.ts';
import type { SecureContextAnswer } from './secure-contexts.ts';

/** What an attempt needs from files; null: nothing of the kind is configured. */
export type AttemptFiles = {
  readonly tls: SecureContextAnswer | null;
  readonly password: PasswordAnswer | null;
};

/** An attempt without files. */
export const NO_FILES: AttemptFiles = { tls: null, password: null };

/**
 * Reads the files of an attempt as they are now, off the event loop, and calls back: at once where it needs none, or all of
 * them were read a moment ago. Rotated certificates and passwords need no reload by that.
 */
export function readAttemptFiles(
  { tls, protocol }: PeerSettings,
  { secureContexts, logins }: Pick<RunnerContext, 'secureContexts' | 'logins'>,
  done: (files: AttemptFiles) => void,
): void {
  const passwordFile = protocol?.settings.passwordFile ?? null;
  const readPassword = (context: SecureContextAnswer | null): void => {
    if (passwordFile === null) done({ tls: context, password: null });
    else logins.password(passwordFile, (password) => done({ tls: context, password }));
  };
  if (tls === null) readPassword(null);
  else secureContexts(tls, readPassword);
}
