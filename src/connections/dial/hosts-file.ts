import { readFile, stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Clock } from '../../clock/clock.ts';
import { runInSlices } from '../../clock/run-in-slices.ts';
import type { IpFamily } from '../../settings/peer-settings.ts';

/** Looked at no more often than this; each look is a stat(2) off the loop. */
const LOOK_MS = 1000;
/** A block list of a hundred thousand names has 3 MB; what is larger is no hosts file. */
const LARGEST_BYTES = 16 * 1024 * 1024;

/** Bits: the name has an IPv4 address, an IPv6 address, or both. */
const FAMILY_BITS: Readonly<Record<IpFamily, number>> = { any: 3, ipv4: 1, ipv6: 2 };

/**
 * The names of the hosts file: they need no network, so their look-ups never hang. It decides an order and nothing else; the
 * host's own resolver reads the file again. A file that cannot be read has no names.
 */
export class HostsFile {
  readonly #clock: Clock;
  readonly #path: string;
  readonly #changed: () => void;
  #names = new Map<string, number>();
  #version = '';
  #lookedAt = -Infinity;
  #looking = false;

  /** @param changed called after other names were read */
  constructor(clock: Clock, changed: () => void, path = '/etc/hosts') {
    this.#clock = clock;
    this.#changed = changed;
    this.#path = path;
  }

  /** Whether the file, as it was read last, has an address of this family for the name. */
  has(name: string, family: IpFamily): boolean {
    return ((this.#names.get(name.toLowerCase()) ?? 0) & FAMILY_BITS[family]) !== 0;
  }

  /** Reads the file anew where it is another than before; off the loop, and at most once a second. */
  refresh(): void {
    if (this.#looking || this.#clock.monotonic() - this.#lookedAt < LOOK_MS) return;
    this.#looking = true;
    this.#lookedAt = this.#clock.monotonic();
    void this.#look().finally(() => (this.#looking = false));
  }

  async #look(): Promise<void> {
    const version = await versionOf(this.#path);
    if (version === this.#version) return;
    this.#version = version;
    const text = version === '' ? '' : await readFile(this.#path, 'utf8').catch(() => '');
    this.#names = (await runInSlices(this.#clock, parse(text))) ?? new Map();
    this.#changed();
  }
}

/** Another one for other contents, empty where there is no regular file of a reasonable size. */
async function versionOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile() || found.size > LARGEST_BYTES) return '';
  return `${found.ino} ${found.size} ${found.mtimeMs}`;
}

/** hosts(5): an address and its names on each line, `#` begins a comment. */
function* parse(text: string): Generator<void, Map<string, number>> {
  const names = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [address = '', ...all] = (line.split('#', 1)[0] ?? '').trim().split(/\s+/);
    const bit = { 4: FAMILY_BITS.ipv4, 6: FAMILY_BITS.ipv6 }[isIP(address)] ?? 0;
    for (const name of all.map((each) => each.toLowerCase())) names.set(name, (names.get(name) ?? 0) | bit);
    yield;
  }
  return names;
}
