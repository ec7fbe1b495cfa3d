import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { socketConfigurer } from '../../../src/daemon/configure-socket.ts';
import { openKernel } from '../../../src/os/sockets/open-kernel.ts';

const OPTIONS = { keepalive: { idleSeconds: 30, intervalSeconds: 1, count: 10 }, userTimeoutMs: 45_000 };

test('a socket that the runtime made is configured by its descriptor, and one that is closed is not', async () => {
  const server = createServer((socket) => socket.resume());
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  const descriptors: number[] = [];
  const { kernel } = await openKernel('portable');
  const configure = socketConfigurer({
    ...kernel,
    configure: (descriptor, options) => {
      descriptors.push(descriptor);
      expect(options).toEqual(OPTIONS);
      return true;
    },
  });
  expect(configure(socket, OPTIONS)).toBe(true);
  socket.destroy();
  await once(socket, 'close');
  expect(configure(socket, OPTIONS)).toBe(false);
  expect(descriptors).toEqual([expect.any(Number)]);
  expect(descriptors[0]).toBeGreaterThan(2);
  server.close();
});
