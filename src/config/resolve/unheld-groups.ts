import type { GroupValues } from '../schema/config-schema.ts';
import type { Partially } from '../schema/parse-partially.ts';
import { sourceFields } from '../schema/source-keys.ts';
import type { Path } from '../../yaml/path.ts';
import { addProblem, type ResolveContext } from './resolve-context.ts';

type WrittenGroup = Partially<GroupValues>;

/** What a group has that says who its peers are; every other key is about connections that are held. */
const KEYS_OF_PEERS: readonly string[] = [
  'name',
  'hold',
  'observe',
  ...Object.keys(sourceFields),
  'relabel_configs',
  'target_limit',
];

/** Adds what is wrong with a group that has `hold: false`. */
export function checkHold(context: ResolveContext, path: Path, group: WrittenGroup): void {
  if (group.hold !== false) return;
  for (const key of Object.keys(group)) {
    if (KEYS_OF_PEERS.includes(key) || !context.source.has([...path, key])) continue;
    addProblem(
      context,
      [...path, key],
      'is a key of held connections, and the group has hold: false; remove one of them',
    );
  }
  if (!context.source.has([...path, 'observe']))
    addProblem(
      context,
      [...path, 'hold'],
      'is false and the group has no observe: nothing would be done; add observe: {}',
    );
}

/** The group as if no key of held connections stood in it. */
export function withoutHeldKeys(group: WrittenGroup): WrittenGroup {
  return Object.fromEntries(Object.entries(group).filter(([key]) => KEYS_OF_PEERS.includes(key)));
}
