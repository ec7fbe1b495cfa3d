import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
/** Answers PING as Redis does, for the sample configuration. */
const PEER: Readonly<Record<string, string>> = {
  'peer.socket': '[Socket]\nListenStream=127.0.0.1:6379\nAccept=yes\n',
  'peer@.service':
    '[Service]\nStandardInput=socket\nStandardOutput=socket\n' +
    `ExecStart=/bin/sh -c 'while read -r line; do printf "+PONG\\\\r\\\\n"; done'\n`,
};
/** One scrape by bash alone: there is no other client on a bare machine. */
export const SCRAPE = 'exec 3<>/dev/tcp/127.0.0.1/10346; printf "GET /metrics HTTP/1.0\\r\\n\\r\\n" >&3; cat <&3';

/** The commands that docs/hosts.md gives for the installation, for this machine's kind. */
export function documentedInstallation(): string {
  const page = readFileSync(join(ROOT, 'docs/hosts.md'), 'utf8');
  const commands = /^```sh\n(tar -xzf .*?)^```$/ms.exec(page)?.[1];
  if (commands === undefined) throw new Error('docs/hosts.md has lost its commands');
  return commands.replaceAll('-x64', `-${process.arch}`);
}

/** The commands that docs/observe.md gives for a host. */
export function documentedObserving(): string {
  const page = readFileSync(join(ROOT, 'docs/observe.md'), 'utf8');
  const commands = /^```sh\n(install -D .*?)^```$/ms.exec(page)?.[1];
  if (commands === undefined) throw new Error('docs/observe.md has lost its commands');
  return commands;
}

/** Adds units to the machine in this folder that play the Redis of the sample configuration. */
export function addPeer(root: string): void {
  for (const [name, text] of Object.entries(PEER)) writeFileSync(join(root, 'etc/systemd/system', name), text);
}

/** A command that ends when this text is in the service's log, or fails after half a minute. Without single quotes. */
export function untilLogged(text: string): string {
  const look = `journalctl --boot --unit finrst --output cat | grep --quiet --fixed-strings '${text}'`;
  return `for each in $(seq 150); do ${look} && exit 0; sleep 0.2; done; exit 1`;
}
