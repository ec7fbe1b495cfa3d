import type { PeerRef } from '../../domain/peer-ref.ts';
import type { PeerFacts } from '../../domain/events/peer-events.ts';
import { addressPrefix } from './address-prefix.ts';
import type { KnownPeer, SharedEndpoint } from './known-peer.ts';
import type { IncidentScope } from '../../domain/incident-scope.ts';
import { type Scope, Scopes } from './scope.ts';

/** Labels of a discovered target have no bound of their own: the first ones by name. */
const MOST_LABELS = 20;

/** Every known peer with what it shares with others. */
export class PeerRegister {
  readonly #scopes = new Scopes();
  /** By port, then address: a key of both would be a string of its own for each peer. */
  readonly #endpoints = new Map<number, Map<string, SharedEndpoint>>();
  readonly #peers = new Map<number, KnownPeer>();
  /** The same in no order, each at its place: who goes over all of them makes no object for each. */
  readonly #all: KnownPeer[] = [];
  #lastScopes: readonly Scope[] = [];

  /** Where one is removed while somebody goes over them, another one may be left out. */
  get all(): readonly KnownPeer[] {
    return this.#all;
  }

  /** A peer that is known keeps what happened to it. */
  put(ref: PeerRef, { labels, canAnnounce }: PeerFacts): void {
    const known = this.#peers.get(ref.id);
    const scopes = this.#asBefore(scopeNames(ref.group, labels).map((name) => this.#scopes.enter(name)));
    if (known === undefined) {
      const fresh = {
        ref,
        place: this.#all.length,
        scopes,
        canAnnounce,
        endpoint: null,
        prefix: null,
        establishedAt: null,
        endedAt: -Infinity,
        end: null,
      };
      this.#peers.set(ref.id, fresh);
      this.#all.push(fresh);
      return;
    }
    for (const scope of known.scopes) this.#scopes.leave(scope);
    known.ref = ref;
    known.scopes = scopes;
    known.canAnnounce = canAnnounce;
  }

  /** Peers of a group come one after the other, and most have the same labels: they share one array. */
  #asBefore(scopes: readonly Scope[]): readonly Scope[] {
    const before = this.#lastScopes;
    const isSame = before.length === scopes.length && before.every((scope, index) => scope === scopes[index]);
    if (!isSame) this.#lastScopes = scopes;
    return this.#lastScopes;
  }

  remove(id: number): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    for (const scope of peer.scopes) this.#scopes.leave(scope);
    this.#leaveAddress(peer);
    peer.end = null;
    this.#peers.delete(id);
    const last = this.#all.pop();
    if (last === undefined || last === peer) return;
    last.place = peer.place;
    this.#all[peer.place] = last;
  }

  get(id: number): KnownPeer | undefined {
    return this.#peers.get(id);
  }

  /** @param at wall-clock milliseconds */
  connected(id: number, { address, port }: { readonly address: string; readonly port: number }, at: number): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    peer.establishedAt = at;
    if (peer.endpoint?.address === address && peer.endpoint.port === port) return;
    this.#leaveAddress(peer);
    peer.prefix = this.#scopes.enter({ kind: 'prefix', value: addressPrefix(address) });
    const ofPort = this.#endpoints.get(port) ?? new Map<string, SharedEndpoint>();
    const endpoint = ofPort.get(address) ?? { address, port, peers: 0 };
    endpoint.peers += 1;
    this.#endpoints.set(port, ofPort.set(address, endpoint));
    peer.endpoint = endpoint;
  }

  #leaveAddress({ endpoint, prefix }: KnownPeer): void {
    if (prefix !== null) this.#scopes.leave(prefix);
    if (endpoint === null) return;
    endpoint.peers -= 1;
    if (endpoint.peers > 0) return;
    const { address, port } = endpoint;
    const ofPort = this.#endpoints.get(port);
    ofPort?.delete(address);
    if (ofPort?.size === 0) this.#endpoints.delete(port);
  }
}

function scopeNames(group: string, labels: Readonly<Record<string, string>>): IncidentScope[] {
  const names = Object.keys(labels).toSorted().slice(0, MOST_LABELS);
  return [
    { kind: 'process', value: '' },
    { kind: 'group', value: group },
    ...names.map((name): IncidentScope => ({ kind: 'label', value: `${name}=${labels[name] ?? ''}` })),
  ];
}
