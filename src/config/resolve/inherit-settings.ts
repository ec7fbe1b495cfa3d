import type { InheritedSettings } from '../../settings/peer-settings.ts';
import { PEER_KEYS, type PeerKey, type WrittenPeerKeys } from '../schema/peer-keys.ts';

/** What one map of the file says, put over what held before; nested maps field by field. */
export function inheritSettings(before: InheritedSettings, written: WrittenPeerKeys): InheritedSettings {
  const settings: Record<string, unknown> = { ...before };
  for (const [name, { to, over }] of Object.entries<PeerKey>(PEER_KEYS)) {
    const value = written[name as keyof WrittenPeerKeys];
    if (value !== undefined) settings[to] = over(settings[to], value);
  }
  // Each key of the table gives a value of its own setting's type; PEER_KEYS is where that is checked.
  return settings as InheritedSettings;
}
