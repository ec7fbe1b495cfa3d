import { DEFAULT_PEER_SETTINGS, type InheritedSettings, type PeerSettings } from '../../settings/peer-settings.ts';
import { formatDuration } from '../../text/duration.ts';

/** One setting in force, as the configuration spells it. No secret, and no byte that is sent, is in it. */
export type SettingRow = { readonly key: string; readonly value: string; readonly isDefault: boolean };

/** What is in force for a peer. */
export function settingsRows(settings: PeerSettings): readonly SettingRow[] {
  const values = inheritedValues(settings);
  const defaults = new Map(inheritedValues(DEFAULT_PEER_SETTINGS));
  const inherited = values.map(([key, value]) => ({ key, value, isDefault: defaults.get(key) === value }));
  const labels = settings.targetLabels.join(', ');
  const targetLabels = {
    key: 'metrics.target_labels',
    value: labels === '' ? 'none' : labels,
    isDefault: labels === '',
  };
  return [...inherited, targetLabels, ...ownRows(settings)];
}

function inheritedValues(settings: InheritedSettings): readonly (readonly [key: string, value: string])[] {
  const { keepalive, reconnect, ipFamily, sourceAddress } = settings;
  return [
    ['connect_timeout', duration(settings.connectTimeoutMs)],
    ['idle_timeout', orNever(settings.idleTimeoutMs)],
    ['write_timeout', orNever(settings.writeTimeoutMs)],
    ['keepalive.idle', keepalive === null ? 'off' : `${keepalive.idleSeconds}s`],
    ['keepalive.interval', keepalive === null ? 'off' : `${keepalive.intervalSeconds}s`],
    ['keepalive.count', keepalive === null ? 'off' : String(keepalive.count)],
    ['user_timeout', settings.userTimeoutMs === 0 ? "0s, the kernel's default" : duration(settings.userTimeoutMs)],
    ['reconnect.initial', duration(reconnect.initialMs)],
    ['reconnect.max', duration(reconnect.maxMs)],
    ['max_connection_age', orNever(settings.maxConnectionAgeMs)],
    ['sample_interval', settings.sampleIntervalMs === 0 ? '0s, at the end only' : duration(settings.sampleIntervalMs)],
    ['ip_family', ipFamily],
    ['source_address', sourceAddress ?? 'the kernel chooses'],
  ];
}

/** Keys that only a group has. Files of `tls` and all of `protocol` but its name are left out: `/config` has them, masked. */
function ownRows({ heartbeat, protocol, tls }: PeerSettings): readonly SettingRow[] {
  const row = (key: string, value: string, isDefault = false): SettingRow => ({ key, value, isDefault });
  return [
    row('protocol', protocol?.name ?? 'none', protocol === null),
    ...(heartbeat === null
      ? [row('heartbeat', 'none', true)]
      : [
          row('heartbeat.interval', duration(heartbeat.intervalMs)),
          row(
            'heartbeat.timeout',
            heartbeat.timeoutMs === null ? 'no answer is needed' : duration(heartbeat.timeoutMs),
          ),
        ]),
    ...(tls === null
      ? [row('tls', 'off', true)]
      : [
          row('tls.server_name', tls.serverName ?? 'the host', tls.serverName === null),
          row('tls.min_version', tls.minVersion, tls.minVersion === 'TLSv1.2'),
          row('tls.insecure_skip_verify', String(tls.insecureSkipVerify), !tls.insecureSkipVerify),
          row('tls.expect_close_notify', String(tls.expectCloseNotify), !tls.expectCloseNotify),
        ]),
  ];
}

function duration(milliseconds: number): string {
  return formatDuration(milliseconds);
}

function orNever(milliseconds: number): string {
  return milliseconds === 0 ? '0s, never' : duration(milliseconds);
}
