import { isSameSetting } from '../settings/is-same-setting.ts';
import { type ChangeableSetting, NEEDS_NEW_CONNECTION, type PeerSettings } from '../settings/peer-settings.ts';

/** What new settings ask of a peer that is kept. `reconnect`: a socket cannot take them while it is open. */
export type PeerChange = 'none' | 'inPlace' | 'reconnect';

const CHANGEABLE = Object.keys(NEEDS_NEW_CONNECTION) as readonly ChangeableSetting[];
const AT_CONNECT = CHANGEABLE.filter((setting) => NEEDS_NEW_CONNECTION[setting]);

/** How a peer takes these settings over the ones it has. */
export function peerChange(before: PeerSettings, after: PeerSettings): PeerChange {
  if (isSameSetting(before, after)) return 'none';
  return AT_CONNECT.every((key) => isSameSetting(before[key], after[key])) ? 'inPlace' : 'reconnect';
}
