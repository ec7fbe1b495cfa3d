import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PORT } from './addresses.ts';
import type { Janitor } from './janitor.ts';

/**
 * The kernel's own record of when it ended a client's socket: the tracepoint sock:inet_sock_set_state, from established to
 * close (RST, timeouts, ss -K) or to close_wait (FIN). It knows nothing of TLS.
 */
export type SocketTrace = {
  /** Wall-clock ms of every end of a connection to each address since `clear`, oldest first. */
  ends(): ReadonlyMap<string, readonly number[]>;
  clear(): void;
};

const CLOSE = 7;
const CLOSE_WAIT = 8;
const ESTABLISHED = 1;

export function startSocketTrace(folder: string, janitor: Janitor): SocketTrace {
  const root = tracefs(folder, janitor);
  const instance = path.join(root, 'instances', `finrst-lab-${process.pid}`);
  const set = (file: string, value: string): void => writeFileSync(path.join(instance, file), value);
  mkdirSync(instance);
  janitor.add(`echo 0 > ${instance}/${EVENT}/enable; rmdir ${instance}`);
  set('trace_clock', 'mono');
  set('buffer_size_kb', '8192'); // per CPU; some 100 bytes an end
  const ended = `(newstate == ${CLOSE} || newstate == ${CLOSE_WAIT})`;
  set(`${EVENT}/filter`, `dport == ${PORT} && oldstate == ${ESTABLISHED} && ${ended}`);
  set(`${EVENT}/enable`, '1');
  return {
    ends: () => parse(readFileSync(path.join(instance, 'trace'), 'utf8'), wallClockOffsetMs()),
    clear: () => set('trace', ''),
  };
}

const EVENT = 'events/sock/inet_sock_set_state';
const MOUNTED = '/sys/kernel/tracing';

function tracefs(folder: string, janitor: Janitor): string {
  if (existsSync(path.join(MOUNTED, 'instances'))) return MOUNTED;
  const root = path.join(folder, 'tracing');
  mkdirSync(root);
  execFileSync('mount', ['-t', 'tracefs', 'none', root]);
  janitor.add(`umount ${root}`);
  return root;
}

/** What to add to CLOCK_MONOTONIC to get the wall clock, read as the wall clock's millisecond turns. */
function wallClockOffsetMs(): number {
  const before = Date.now();
  while (Date.now() === before); // under a millisecond
  return Date.now() - Number(process.hrtime.bigint() / 1000n) / 1000;
}

const LINE = /\s(\d+\.\d+): inet_sock_set_state: family=(\w+) .*? daddr=(\S+) .*?daddrv6=(\S+) /;

function parse(text: string, offsetMs: number): ReadonlyMap<string, readonly number[]> {
  const ends = new Map<string, number[]>();
  for (const line of text.split('\n')) {
    const found = LINE.exec(line);
    if (found === null) continue;
    const [, seconds, family, ipv4, ipv6] = found;
    const address = family === 'AF_INET' ? ipv4! : ipv6!;
    ends.set(address, [...(ends.get(address) ?? []), Number(seconds) * 1000 + offsetMs]);
  }
  return ends;
}
