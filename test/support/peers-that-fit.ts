import { readdirSync } from 'node:fs';
import { openFileLimit } from '../../src/os/process/open-file-limit.ts';

/** Left for what Node.js and a test open besides the peers. */
const RESERVE = 100;

/** So many peers as are wanted, or fewer where the limit of open files has no room for them. */
export function peersThatFit(wanted: number, descriptorsPerPeer: number): number {
  const limit = openFileLimit();
  if (limit === null) return wanted;
  const open = readdirSync('/proc/self/fd').length;
  return Math.min(wanted, Math.floor((limit - open - RESERVE) / descriptorsPerPeer));
}
