import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SourceUpdate, TargetLabels } from '../../src/discovery/peer-source.ts';
import type { KubernetesRole, KubernetesSourceSettings } from '../../src/settings/kubernetes-settings.ts';
import { NODE_IP } from './cluster/addresses.ts';
import { type Machine, entryOf } from './cluster/machine.ts';

const PROGRAM = join(import.meta.dirname, 'follow-objects.ts');

/** What a source of its own process, inside the cluster's network, has published so far. */
export class FollowedObjects {
  readonly #child: ChildProcess;
  readonly #groups = new Map<string, readonly TargetLabels[]>();
  readonly updates: SourceUpdate[] = [];
  /** The fewest targets there were at any time since the last call of `watchForLoss`. */
  #fewest = 0;

  /** Follows the objects of one namespace with the token in this file. */
  constructor(
    machine: Machine,
    what: { readonly role: KubernetesRole; readonly namespace: string; readonly token: string },
  ) {
    const none = { serverName: null, minVersion: 'TLSv1.2', insecureSkipVerify: false, cert: null, key: null };
    const settings = {
      lingerMs: 0,
      role: what.role,
      server: {
        kind: 'url',
        url: `https://${NODE_IP}:6443`,
        tls: { ...none, ca: { kind: 'file', path: join(machine.folder, 'keys/ca.crt') } },
        login: { kind: 'token', scheme: 'Bearer', token: { kind: 'file', path: what.token } },
      },
      namespaces: [what.namespace],
      ownNamespace: false,
      selectors: [],
      ipFamily: 'any',
      watchesPods: what.role === 'endpointslice',
      keepsLastApplied: false,
    } as unknown as KubernetesSourceSettings;
    const command = [process.execPath, PROGRAM, JSON.stringify(settings)];
    this.#child = spawn('nsenter', [...entryOf(machine), ...command], { stdio: ['pipe', 'pipe', 'inherit'] });
    if (this.#child.stdout === null) throw new Error('a pipe was asked for');
    createInterface(this.#child.stdout).on('line', (line) => this.#take(JSON.parse(line) as SourceUpdate));
  }

  /** The addresses of all targets there are, sorted. */
  addresses(): readonly string[] {
    const targets = [...this.#groups.values()].flat();
    return targets.map((labels) => labels['__address__'] ?? '').toSorted();
  }

  watchForLoss(): void {
    this.#fewest = this.addresses().length;
  }

  get fewest(): number {
    return this.#fewest;
  }

  /** Outcomes of requests since the update with this number, as "verb outcome". */
  requestsSince(count: number): readonly string[] {
    return this.updates
      .slice(count)
      .flatMap((update) => (update.kind === 'requested' ? [`${update.verb} ${update.outcome}`] : []));
  }

  stop(): void {
    this.#child.stdin?.end();
  }

  #take(update: SourceUpdate): void {
    this.updates.push(update);
    if (update.kind !== 'groups') return;
    for (const { source, targets } of update.groups) this.#groups.set(source, targets);
    this.#fewest = Math.min(this.#fewest, this.addresses().length);
  }
}
