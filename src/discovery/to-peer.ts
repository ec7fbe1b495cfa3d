import type { CompiledRules } from '../relabel/compile-relabel-rules.ts';
import { addressMisfit } from '../settings/address-misfit.ts';
import type { PeerSettings } from '../settings/peer-settings.ts';
import { MOST_LABELS } from '../settings/target-labels.ts';
import { parseTarget } from '../text/host-port.ts';
import { announcementOf } from './announcement-of.ts';
import type { PeerTemplate, PlannedPeer } from '../settings/peer-group.ts';
import { exportedLabels, type RecentLabels } from './exported-labels.ts';
import type { TargetLabels } from './peer-source.ts';
import { overridesOf } from './target-overrides.ts';

/** What a target becomes. */
export type TargetOutcome =
  | {
      readonly kind: 'peer';
      /** Two targets with the same key are the same peer within their group. */
      readonly key: string;
      readonly address: string;
      readonly settings: PeerSettings;
      readonly announced: PlannedPeer['announced'];
      /** It has more labels, or longer ones, than are exported. */
      readonly isCut: boolean;
    }
  | { readonly kind: 'dropped'; readonly rule: number }
  /** `why` is the end of a sentence that begins with the target. */
  | { readonly kind: 'invalid'; readonly address: string; readonly why: string };

/** What the targets of a group become peers with. */
export type TargetRules = {
  readonly template: PeerTemplate;
  /** Null: the group has no rules. */
  readonly rules: CompiledRules | null;
  readonly recentLabels: RecentLabels;
};

/** Longer names of peers would be on every series of theirs. */
const LONGEST_PEER_BYTES = 512;

/**
 * The one way from a target to a peer, whatever found it: the rules of the group, the address taken apart, the settings of
 * the group around it. A label `peer` names the peer, else its address does. `labels` are those of the target over those
 * of its set; `isStatic`: they stand in the configuration, which has checked them.
 */
export function toPeer(group: TargetRules, labels: TargetLabels, isStatic: boolean): TargetOutcome {
  const { rules } = group;
  const count = isStatic ? 0 : Object.keys(labels).length;
  if (count > MOST_LABELS) return invalid(labels, `has ${count} labels; expected at most ${MOST_LABELS}`);
  const relabelled = rules === null ? ({ kind: 'kept', labels } as const) : rules.apply(labels);
  switch (relabelled.kind) {
    case 'dropped':
      return relabelled;
    case 'refused':
      return invalid(labels, relabelled.why);
    case 'kept':
      return keptToPeer(group, relabelled.labels, isStatic && rules === null);
  }
}

function keptToPeer({ template, recentLabels }: TargetRules, labels: TargetLabels, isStatic: boolean): TargetOutcome {
  const address = own(labels, '__address__');
  if (address === '') return invalid(labels, 'has no address');
  const result = parseTarget(address);
  if (result.kind === 'invalid') return invalid(labels, portHint(result.message));
  const { host, port, key } = result.target;
  const misfit = addressMisfit(result.target, template);
  if (misfit !== null) return invalid(labels, misfit);
  const name = own(labels, 'peer');
  const nameProblem = peerNameProblem(name);
  if (nameProblem !== null) return invalid(labels, nameProblem);
  const overrides = overridesOf(template, labels);
  if (overrides.kind === 'invalid') return invalid(labels, overrides.why);
  const exported = exportedLabels(labels, isStatic ? null : template.targetLabels);
  return {
    kind: 'peer',
    key: name === '' ? key : nameKey(name),
    address,
    settings: {
      ...template,
      ...overrides.settings,
      labels: recentLabels.share(exported.labels),
      peer: name === '' ? address : name,
      host,
      port,
    },
    announced: announcementOf(own(labels, '__announced__')),
    isCut: exported.isCut,
  };
}

/** The key of a peer by its name. A name that is written like an address is the same peer as a target with that address. */
export function nameKey(name: string): string {
  if (!name.includes(':')) return name;
  const result = parseTarget(name);
  return result.kind === 'target' ? result.target.key : name;
}

function peerNameProblem(name: string): string | null {
  // A character has at most 3 bytes for each of its UTF-16 units.
  if (name.length * 3 <= LONGEST_PEER_BYTES) return null;
  const bytes = Buffer.byteLength(name);
  return bytes > LONGEST_PEER_BYTES
    ? `has a label peer of ${bytes} bytes; expected at most ${LONGEST_PEER_BYTES}`
    : null;
}

/** Targets without a port are made on purpose where pods declare none. */
function portHint(message: string): string {
  return message.startsWith('has no port') ? 'has no port; set one with a relabel rule on __address__' : message;
}

function invalid(labels: TargetLabels, why: string): TargetOutcome {
  return { kind: 'invalid', address: own(labels, '__address__'), why };
}

/** `toString` is a label name like any other. */
function own(labels: TargetLabels, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? '') : '';
}
