import { formatHostPort } from '../text/host-port.ts';
import type { SessionContext } from './session.ts';

/** The target as a browser names it: a port that the scheme implies is left out (RFC 9110, 7.2 and 4.2). */
export function targetAuthority({ host, port, tls }: Pick<SessionContext, 'host' | 'port' | 'tls'>): string {
  const whole = formatHostPort(host, port);
  return port === (tls ? 443 : 80) ? whole.slice(0, whole.lastIndexOf(':')) : whole;
}
