import type { InheritedSettings } from '../../settings/peer-settings.ts';
import { formatDuration } from '../../text/duration.ts';
import { literalFamily } from '../../text/host-port.ts';
import type { WrittenPeerKeys } from '../schema/peer-keys.ts';
import type { Path } from '../../yaml/path.ts';
import { addProblem, isValid, type ResolveContext } from './resolve-context.ts';

/** What stands in one map, and what holds after merging. */
export type PeerKeyScope = {
  readonly written: WrittenPeerKeys;
  readonly settings: InheritedSettings;
};

/** Adds what the rules between the keys of one map say, where at least one of the keys stands in it. */
export function checkPeerKeys(context: ResolveContext, path: Path, { written, settings }: PeerKeyScope): void {
  checkReconnect(context, path, { written, settings });
  const { ipFamily, sourceAddress } = settings;
  const family = sourceAddress === null ? null : literalFamily(sourceAddress);
  const standsHere = written.source_address !== undefined || written.ip_family !== undefined;
  if (standsHere && family !== null && ipFamily !== 'any' && ipFamily !== `ipv${family}`) {
    const at = context.source.has([...path, 'source_address']) ? 'source_address' : 'ip_family';
    const message = `does not fit: source_address is an IPv${family} address, but ip_family is ${ipFamily}`;
    addProblem(context, [...path, at], message);
  }
}

function checkReconnect(context: ResolveContext, path: Path, { written, settings }: PeerKeyScope): void {
  const { initialMs, maxMs } = settings.reconnect;
  const involved = [path, ['global']].flatMap((scope) =>
    [[], ['initial'], ['max']].map((key) => [...scope, 'reconnect', ...key]),
  );
  if (written.reconnect === undefined || initialMs <= maxMs || !isValid(context, ...involved)) return;
  const key = context.source.has([...path, 'reconnect', 'initial']) ? 'initial' : 'max';
  const message = `does not fit: initial is ${formatDuration(initialMs)}, max is ${formatDuration(maxMs)}; expected initial to be at most max`;
  addProblem(context, [...path, 'reconnect', key], message);
}
