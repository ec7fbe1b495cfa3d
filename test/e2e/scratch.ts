import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder that is gone after the test. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'finrst-e2e-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A listener on loopback; `allowHalfOpen`: it does not answer a FIN with its own. */
export async function listener(onConnection: (socket: Socket) => void, allowHalfOpen = false) {
  const open = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen }, (socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.resume();
    onConnection(socket);
  });
  onTestFinished(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** One group that holds these targets with short waits. */
export function configText(group: string, targets: readonly string[], settings: readonly string[] = []): string {
  return [
    'global:',
    '  reconnect: {initial: 20ms, max: 50ms}',
    'groups:',
    `  - name: ${group}`,
    ...settings.map((line) => `    ${line}`),
    '    static_configs:',
    `      - targets: ${JSON.stringify(targets)}`,
    '',
  ].join('\n');
}
