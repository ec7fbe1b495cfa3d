import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { loadLibc } from '../../src/os/libc.ts';

/** A listener whose queue is full: the kernel drops every SYN, as a dead host does, until there is room. */
export type SilentListener = {
  /** Makes room in the queue: the kernel takes the next SYN, which a client sends again 1 s after the first. */
  answer(): void;
  close(): void;
};

const [AF_INET, SOCK_STREAM, SOL_SOCKET, SO_REUSEADDR] = [2, 1, 1, 2];

/** Listens on a loopback address, with nothing that accepts. Real sockets, no root: Linux keeps `backlog` + 1 connections. */
export async function startSilentListener(address: string, port: number): Promise<SilentListener> {
  const libc = loadLibc();
  const socket = libc.func('int socket(int domain, int type, int protocol)');
  const setsockopt = libc.func('int setsockopt(int fd, int level, int name, const int32_t *value, uint32_t length)');
  const bind = libc.func('int bind(int fd, const uint8_t *address, uint32_t length)');
  const listen = libc.func('int listen(int fd, int backlog)');
  const accept = libc.func('int accept(int fd, void *address, void *length)');
  const close = libc.func('int close(int fd)');
  const fd = socket(AF_INET, SOCK_STREAM, 0) as number;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, new Int32Array([1]), 4);
  if (bind(fd, socketAddress(address, port), 16) !== 0) throw new Error(`cannot bind ${address}:${port}`);
  if (listen(fd, 0) !== 0) throw new Error(`cannot listen on ${address}:${port}`);
  const fillers = await fill(address, port);
  const accepted: number[] = [];
  return {
    answer: () => void accepted.push(accept(fd, null, null) as number),
    close() {
      for (const filler of fillers) filler.destroy();
      for (const each of [...accepted, fd]) close(each);
    },
  };
}

async function fill(address: string, port: number): Promise<Socket[]> {
  const filler = connect(port, address).on('error', () => {});
  await once(filler, 'connect');
  return [filler];
}

/** struct sockaddr_in. */
function socketAddress(address: string, port: number): Uint8Array {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(AF_INET, 0);
  bytes.writeUInt16BE(port, 2);
  bytes.set(address.split('.').map(Number), 4);
  return bytes;
}
