import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** The certificates that this machine trusts, where Debian keeps them. */
export const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/** The text of an `.npmrc` that makes another npm take packages from where this machine's npm does. */
export function npmSettings(): string {
  const registry = execFileSync('npm', ['config', 'get', 'registry'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const trusted = existsSync(CERTIFICATES) ? [`cafile=${CERTIFICATES}`] : [];
  return [`registry=${registry.trim()}`, ...trusted, ''].join('\n');
}
