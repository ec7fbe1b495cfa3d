import type { PeerRef } from '../domain/peer-ref.ts';
import { peerKey } from '../settings/peer-settings.ts';
import { canonicalAddress } from '../text/ip-text.ts';
import { type RemoteChange, remoteKey } from './remote-key.ts';

/** An address counts for this long after it left the answer: connections to it may be old. */
const KEPT_MS = 3_600_000;
/** Of one name. Those that left the answer go first. */
const MOST_ADDRESSES = 64;

type Known = {
  /** What changes name it by. A target that is gone and comes back is another one: what was counted before is not its. */
  readonly key: string;
  peer: PeerRef;
  /** When each address was last in an answer; monotonic milliseconds. */
  readonly addresses: Map<string, number>;
};

type Remote = { readonly address: string; readonly port: number; readonly peers: Set<Known> };

/** The peers whose connections are observed, and the addresses that stand for them. */
export class ObservedPeers {
  /** By group and name. */
  readonly #peers = new Map<string, Known>();
  readonly #byKey = new Map<string, Known>();
  readonly #remotes = new Map<string, Remote>();
  readonly #changed = new Map<string, Remote>();

  get size(): number {
    return this.#peers.size;
  }

  /** The peer of a key that a change named; undefined: it is gone. */
  peer(key: string): PeerRef | undefined {
    return this.#byKey.get(key)?.peer;
  }

  /** The hosts that have to be looked up, each once. */
  get names(): ReadonlySet<string> {
    const names = new Set<string>();
    for (const { peer } of this.#peers.values()) if (!peer.isLiteral) names.add(peer.host);
    return names;
  }

  /** Adds a peer, or takes its new labels and address. */
  add(peer: PeerRef): void {
    const name = peerKey(peer);
    const known = this.#peers.get(name) ?? this.#make(name, peer);
    const { host, port } = known.peer;
    if (host !== peer.host || port !== peer.port) this.#leaveAddresses(known);
    known.peer = peer;
    // A literal never leaves.
    if (peer.isLiteral) this.#addAddress(known, canonicalAddress(peer.host), Number.POSITIVE_INFINITY);
  }

  remove(peer: PeerRef): void {
    const name = peerKey(peer);
    const known = this.#peers.get(name);
    if (known === undefined) return;
    this.#peers.delete(name);
    this.#byKey.delete(known.key);
    this.#leaveAddresses(known);
  }

  /** What a look-up answered. */
  answered(host: string, found: readonly string[], now: number): void {
    const addresses = found.map(canonicalAddress);
    for (const known of this.#peers.values()) {
      if (known.peer.isLiteral || known.peer.host !== host) continue;
      for (const address of addresses.slice(0, MOST_ADDRESSES)) this.#addAddress(known, address, now);
      this.#forgetOld(known, now);
    }
  }

  /** What changed since it was asked last, at most so much. */
  takeChanges(most: number): readonly RemoteChange[] {
    const changes: RemoteChange[] = [];
    for (const [key, { address, port, peers }] of this.#changed) {
      if (changes.length === most) break;
      this.#changed.delete(key);
      changes.push({ address, port, peers: onePerGroup(peers) });
    }
    return changes;
  }

  #make(name: string, peer: PeerRef): Known {
    const key = `${name}\0${peer.id}`;
    const made: Known = { key, peer, addresses: new Map() };
    this.#peers.set(name, made);
    this.#byKey.set(key, made);
    return made;
  }

  #leaveAddresses(known: Known): void {
    for (const address of known.addresses.keys()) this.#removeAddress(known, address);
  }

  #addAddress(known: Known, address: string, now: number): void {
    // Behind the others: those that left the answer are at the head.
    known.addresses.delete(address);
    known.addresses.set(address, now);
    const { port } = known.peer;
    const key = remoteKey(address, port);
    const remote = this.#remotes.get(key) ?? { address, port, peers: new Set<Known>() };
    if (remote.peers.has(known)) return;
    remote.peers.add(known);
    this.#remotes.set(key, remote);
    this.#changed.set(key, remote);
  }

  #removeAddress(known: Known, address: string): void {
    known.addresses.delete(address);
    const key = remoteKey(address, known.peer.port);
    const remote = this.#remotes.get(key);
    if (remote === undefined) return;
    remote.peers.delete(known);
    if (remote.peers.size === 0) this.#remotes.delete(key);
    this.#changed.set(key, remote);
  }

  #forgetOld(known: Known, now: number): void {
    for (const [address, seenAt] of known.addresses)
      if (now - seenAt > KEPT_MS || known.addresses.size > MOST_ADDRESSES) this.#removeAddress(known, address);
  }
}

/** The first of each group, in the order of the configuration. */
function onePerGroup(peers: Iterable<Known>): readonly string[] {
  const first = new Map<string, string>();
  for (const { key, peer } of Array.from(peers).toSorted((a, b) => a.peer.id - b.peer.id))
    if (!first.has(peer.group)) first.set(peer.group, key);
  return [...first.values()];
}
