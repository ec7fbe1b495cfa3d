import { isSameSetting } from '../settings/is-same-setting.ts';
import type { PeerTemplate } from '../settings/peer-group.ts';
import type { PeerSettings } from '../settings/peer-settings.ts';
import { parseTarget } from '../text/host-port.ts';
import type { TargetGroup, TargetLabels } from './peer-source.ts';

/** A peer of a group, with the address it was made from and the key that makes two targets the same one. */
type KnownPeer = { readonly key: string; readonly address: string; readonly settings: PeerSettings };

/** A target that becomes no peer, and why, as the end of a sentence that begins with the target. */
export type RefusedTarget = {
  readonly group: string;
  readonly source: string;
  readonly target: string;
  readonly why: string;
};

/** What a group was resolved to last: a target that did not change keeps its settings object. */
export type ResolvedPeers = {
  readonly template: PeerTemplate;
  /** By the name of the peer. */
  readonly peers: ReadonlyMap<string, KnownPeer>;
  readonly refused: readonly RefusedTarget[];
};

/**
 * The one way from targets to peers, whatever found the targets: labels of the set under the target's own, the address
 * taken apart, the settings of the group around it. A label `peer` names the peer, else its address does. Of two targets
 * with the same name, or the same address where none is named, the first wins.
 *
 * Yields after each target, so that the caller can give the event loop back. A settings object of `before` is used again
 * where nothing changed: whoever compares peers later compares references.
 */
export function* toPeers(
  template: PeerTemplate,
  groups: Iterable<TargetGroup>,
  before: ResolvedPeers | null,
): Generator<void, ResolvedPeers> {
  const isSameTemplate = before !== null && isSameSetting(before.template, template);
  const peers = new Map<string, KnownPeer>();
  const firstAddress = new Map<string, string>();
  const refused: RefusedTarget[] = [];
  for (const { source, targets, labels } of groups) {
    const shared = exportedLabels(labels);
    for (const target of targets) {
      yield;
      const address = target['__address__'] ?? labels['__address__'] ?? '';
      const name = target['peer'] ?? labels['peer'] ?? '';
      const known = isSameTemplate ? before.peers.get(name === '' ? address : name) : undefined;
      const result = toPeer(template, { address, name, labels: labelsOf(target, shared), known });
      const first = result.kind === 'peer' ? firstAddress.get(result.peer.key) : undefined;
      if (result.kind === 'peer' && first === undefined) {
        firstAddress.set(result.peer.key, address);
        peers.set(result.peer.settings.peer, result.peer);
        continue;
      }
      const why = result.kind === 'invalid' ? result.message : `is the same as "${first}", which comes before it`;
      refused.push({ group: template.group, source, target: address, why });
    }
  }
  return { template, peers, refused };
}

type PeerResult =
  | { readonly kind: 'peer'; readonly peer: KnownPeer }
  | { readonly kind: 'invalid'; readonly message: string };

type Found = {
  readonly address: string;
  /** Empty: the address names the peer. */
  readonly name: string;
  readonly labels: TargetLabels;
  readonly known: KnownPeer | undefined;
};

function toPeer(template: PeerTemplate, { address, name, labels, known }: Found): PeerResult {
  if (known?.address === address && isSameSetting(known.settings.labels, labels)) return { kind: 'peer', peer: known };
  const result = parseTarget(address);
  if (result.kind === 'invalid') return result;
  const { host, port, key } = result.target;
  const peer = name === '' ? address : name;
  const settings = { ...template, labels, peer, host, port };
  return { kind: 'peer', peer: { key: name === '' ? key : `peer ${name}`, address, settings } };
}

/** Most targets have no label of their own: they share one object. */
function labelsOf(target: TargetLabels, shared: TargetLabels): TargetLabels {
  const own = Object.keys(target).some(isExported);
  return own ? { ...shared, ...exportedLabels(target) } : shared;
}

function exportedLabels(labels: TargetLabels): TargetLabels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => isExported(name)));
}

/** `peer` is a label of its own on every series. */
function isExported(name: string): boolean {
  return !name.startsWith('__') && name !== 'peer';
}
