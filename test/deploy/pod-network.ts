import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';

/** A pod's network: a namespace of its own with an address, and an address on this machine's side to be reached at. */
export type PodNetwork = {
  readonly name: string;
  /** The pod's address. */
  readonly podIp: string;
  /** This machine's, as the pod sees it. */
  readonly hostIp: string;
  remove(): void;
};

/** Makes one, with loopback up and no way out. Needs root and iproute2. */
export function createPodNetwork(): PodNetwork {
  // 198.18.0.0/15 is set aside for benchmarks: nobody routes it. Two addresses of a random /30.
  const [second, third, fourth] = [randomInt(18, 20), randomInt(256), randomInt(64) * 4];
  const [hostIp, podIp] = [1, 2].map((last) => `198.${second}.${third}.${fourth + last}`) as [string, string];
  const id = randomInt(2 ** 32).toString(36);
  const [name, link] = [`finrst-pod-${id}`, `fp${id}`];
  const ip = (...args: readonly string[]): void =>
    void execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  ip('netns', 'add', name);
  const remove = (): void => ip('netns', 'delete', name);
  try {
    // The pair's other end goes with the namespace.
    ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    ip('address', 'add', `${hostIp}/30`, 'dev', link);
    ip('link', 'set', link, 'up');
    ip('-netns', name, 'address', 'add', `${podIp}/30`, 'dev', 'eth0');
    ip('-netns', name, 'link', 'set', 'eth0', 'up');
    ip('-netns', name, 'link', 'set', 'lo', 'up');
  } catch (error) {
    remove();
    throw error;
  }
  return { name, podIp, hostIp, remove };
}
