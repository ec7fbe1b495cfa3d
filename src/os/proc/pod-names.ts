import { readdirSync } from 'node:fs';

/** Where names are looked for, and the time. */
export type PodNamesOptions = {
  /** Where the kubelet's folder of pod logs may be, the first choice first. */
  readonly folders: readonly string[];
  /** Monotonic milliseconds. */
  readonly now: () => number;
};

/** A pod that just came is there by the time that it connects; one that is unknown is looked for again after this. */
const AGAIN_MS = 1000;
/** `NAMESPACE_NAME_UID`: the kubelet logs there (pkg/kubelet/kuberuntime, BuildPodLogsDirectory). Names of Kubernetes have no `_`. */
const FOLDER = /^([a-z\d.-]{1,63})_([a-z\d.-]{1,253})_([\da-f-]{32,36})$/;

/** The names of the pods of this node: the kubelet keeps the logs of each in a folder that is called after it. */
export class PodNames {
  readonly #options: PodNamesOptions;
  #names: ReadonlyMap<string, string> = new Map();
  #dueMs = Number.NEGATIVE_INFINITY;

  constructor(options: PodNamesOptions) {
    this.#options = options;
  }

  /** `namespace/name` of the pod with this uid, or the uid where that cannot be known. */
  of(uid: string): string {
    const known = this.#names.get(uid);
    if (known !== undefined || this.#options.now() < this.#dueMs) return known ?? uid;
    this.#dueMs = this.#options.now() + AGAIN_MS;
    this.#names = namesIn(this.#options.folders);
    return this.#names.get(uid) ?? uid;
  }
}

function namesIn(folders: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const entry of firstThatIsThere(folders)) {
    const [, namespace, name, uid] = FOLDER.exec(entry) ?? [];
    if (uid !== undefined) names.set(uid, `${namespace}/${name}`);
  }
  return names;
}

function firstThatIsThere(folders: readonly string[]): readonly string[] {
  for (const folder of folders) {
    try {
      return readdirSync(folder);
    } catch {
      // There is none, or it may not be looked at.
    }
  }
  return [];
}
