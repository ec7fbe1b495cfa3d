import type { PeerTemplate } from '../settings/peer-group.ts';
import type { PeerSettings } from '../settings/peer-settings.ts';
import { parseDuration } from '../text/duration.ts';
import { isHostName } from '../text/host-port.ts';
import { quoteValue } from '../text/quote-value.ts';
import type { TargetLabels } from './peer-source.ts';

/** Settings of one target that differ from those of its group. */
export type TargetOverrides =
  | { readonly kind: 'settings'; readonly settings: Partial<PeerSettings> }
  /** `why` is the end of a sentence that begins with the target. */
  | { readonly kind: 'invalid'; readonly why: string };

const NONE: TargetOverrides = { kind: 'settings', settings: {} };

/** Reads `__tls_server_name__`, `__idle_timeout__` and `__max_connection_age__`. Empty ones say nothing. */
export function overridesOf(template: PeerTemplate, labels: TargetLabels): TargetOverrides {
  const serverName = labels['__tls_server_name__'] ?? '';
  const idle = labels['__idle_timeout__'] ?? '';
  const age = labels['__max_connection_age__'] ?? '';
  if (serverName === '' && idle === '' && age === '') return NONE;
  const idleTimeoutMs = parseDuration(idle === '' ? '0' : idle);
  if (idleTimeoutMs === null) return notADuration('__idle_timeout__', idle);
  const maxConnectionAgeMs = parseDuration(age === '' ? '0' : age);
  if (maxConnectionAgeMs === null) return notADuration('__max_connection_age__', age);
  const { tls } = template;
  if (serverName !== '' && tls === null)
    return { kind: 'invalid', why: 'has __tls_server_name__, but its group has no tls' };
  if (serverName !== '' && !isHostName(serverName)) {
    return { kind: 'invalid', why: `has __tls_server_name__ ${quoteValue(serverName)}; expected a host name` };
  }
  return {
    kind: 'settings',
    settings: {
      ...(idle !== '' && { idleTimeoutMs }),
      ...(age !== '' && { maxConnectionAgeMs }),
      ...(serverName !== '' && tls !== null && { tls: { ...tls, serverName } }),
    },
  };
}

function notADuration(label: string, value: string): TargetOverrides {
  return { kind: 'invalid', why: `has ${label} ${quoteValue(value)}; expected a duration, like 500ms, 15s or 1h30m` };
}
