import { type PeerSettings, peerKey } from './peer.ts';

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

/** Settings that are part of the socket: changing one takes a new connection. */
const SOCKET_SETTINGS = ['tls', 'ipFamily', 'sourceAddress', 'keepalive', 'userTimeoutMs'] as const;

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
    else if (isSame(old, settings)) unchanged.push(settings);
    else changed.push({ before: old, after: settings, how: howToChange(old, settings) });
  }
  return { added, removed: [...held.values()], changed, unchanged };
}

function howToChange(before: PeerSettings, after: PeerSettings): PeerChange['how'] {
  return SOCKET_SETTINGS.every((key) => isSame(before[key], after[key])) ? 'inPlace' : 'reconnect';
}

/** Equality of plain settings: numbers, strings, null, nested records and bytes. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Uint8Array || b instanceof Uint8Array) {
    return (
      a instanceof Uint8Array && b instanceof Uint8Array && a.length === b.length && a.every((byte, i) => byte === b[i])
    );
  }
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length && keys.every((key) => key in right && isSame(left[key], right[key]))
  );
}
