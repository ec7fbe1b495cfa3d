import { execFileSync } from 'node:child_process';

/** Where peers and holder are: how to run a command there, and the first two bytes of the peers' addresses. */
export type Path = {
  readonly network: string;
  readonly server: readonly string[];
  readonly holder: readonly string[];
  remove(): void;
};

let made = 0;

/** A namespace of our own, whose loopback is all there is. Needs root. */
export function loopbackPath(): Path {
  const name = `finrst-bench-${process.pid}-${made++}`;
  ip('netns', 'add', name);
  ip('-n', name, 'link', 'set', 'lo', 'up');
  const inside = ['ip', 'netns', 'exec', name];
  return { network: '127.1', server: inside, holder: inside, remove: () => ip('netns', 'del', name) };
}

/** Two namespaces joined by a veth pair, as pods and containers are. Every address of 10.99.0.0/16 is the server. Needs root. */
export function vethPath(): Path {
  const name = `finrst-bench-${process.pid}-${made++}`;
  const [server, holder] = [`${name}-s`, `${name}-h`];
  for (const namespace of [server, holder]) {
    ip('netns', 'add', namespace);
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
  }
  ip('-n', holder, 'link', 'add', 'toward', 'type', 'veth', 'peer', 'name', 'toward', 'netns', server);
  ip('-n', server, 'addr', 'add', '10.98.0.1/30', 'dev', 'toward');
  ip('-n', holder, 'addr', 'add', '10.98.0.2/30', 'dev', 'toward');
  for (const namespace of [server, holder]) ip('-n', namespace, 'link', 'set', 'toward', 'up');
  ip('-n', server, 'route', 'add', 'local', '10.99.0.0/16', 'dev', 'lo');
  ip('-n', holder, 'route', 'add', '10.99.0.0/16', 'via', '10.98.0.1');
  const inside = (namespace: string) => ['ip', 'netns', 'exec', namespace];
  return {
    network: '10.99',
    server: inside(server),
    holder: inside(holder),
    remove: () => {
      for (const namespace of [server, holder]) ip('netns', 'del', namespace);
    },
  };
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: 'inherit' });
}
