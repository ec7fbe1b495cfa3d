import { isSameSetting } from '../settings/is-same-setting.ts';
import { type ChangeableSetting, NEEDS_NEW_CONNECTION, type PeerSettings, peerKey } from '../settings/peer-settings.ts';

/** What a reload asks of one peer that is kept. */
export type PeerChange = {
  readonly before: PeerSettings;
  readonly after: PeerSettings;
  /** `reconnect`: a socket cannot take the new settings while it is open. */
  readonly how: 'inPlace' | 'reconnect';
};

export type PeerDiff = {
  readonly added: readonly PeerSettings[];
  readonly removed: readonly PeerSettings[];
  readonly changed: readonly PeerChange[];
  readonly unchanged: readonly PeerSettings[];
};

const CHANGEABLE = Object.keys(NEEDS_NEW_CONNECTION) as readonly ChangeableSetting[];
const AT_CONNECT = CHANGEABLE.filter((setting) => NEEDS_NEW_CONNECTION[setting]);

/** The difference between what is held and what is to be held, per (group, peer) of resolved settings. */
export function diffPeers(before: readonly PeerSettings[], after: readonly PeerSettings[]): PeerDiff {
  const held = new Map(before.map((settings) => [peerKey(settings), settings]));
  const added: PeerSettings[] = [];
  const changed: PeerChange[] = [];
  const unchanged: PeerSettings[] = [];
  for (const settings of after) {
    const key = peerKey(settings);
    const old = held.get(key);
    held.delete(key);
    if (old === undefined) added.push(settings);
    else if (isSameSetting(old, settings)) unchanged.push(settings);
    else changed.push({ before: old, after: settings, how: howToChange(old, settings) });
  }
  return { added, removed: [...held.values()], changed, unchanged };
}

function howToChange(before: PeerSettings, after: PeerSettings): PeerChange['how'] {
  return AT_CONNECT.every((key) => isSameSetting(before[key], after[key])) ? 'inPlace' : 'reconnect';
}
