import { execFileSync } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { type HeldFleet, holdPeers } from '../support/held-fleet.ts';
import { type LoopbackPeer, startPeer } from '../support/loopback-peer.ts';
import { peerSettings } from '../support/peer-settings.ts';

const TCP_NODELAY = { level: 6, name: 1 };
let held: HeldFleet;
let peer: LoopbackPeer;
afterEach(async () => {
  await held.stop();
  await peer.close();
});

/** The descriptors of this process that are connected to this port, as the kernel lists them. */
function descriptorsTo(port: number): number[] {
  const lines = execFileSync('ss', ['-Htnp', 'dport', '=', `:${port}`], { encoding: 'utf8' });
  return [...lines.matchAll(new RegExp(`pid=${process.pid},fd=(\\d+)`, 'g'))].map(([, fd]) => Number(fd));
}

const hasSs = ((): boolean => {
  try {
    execFileSync('ss', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!hasSs || process.platform !== 'linux')(
  'a heartbeat does not wait for an acknowledgement: TCP_NODELAY (needs ss)',
  async () => {
    const { default: koffi } = await import('koffi');
    const getsockopt = koffi
      .load('libc.so.6')
      .func('int getsockopt(int fd, int level, int name, _Out_ uint8_t *value, _Inout_ uint32_t *length)');
    peer = await startPeer();
    held = await holdPeers([peerSettings(peer.port)]);
    await held.seen('connected');
    const [fd = -1] = descriptorsTo(peer.port);
    const value = Buffer.alloc(4);
    expect(getsockopt(fd, TCP_NODELAY.level, TCP_NODELAY.name, value, new Uint32Array([4]))).toBe(0);
    expect(value.readInt32LE(0)).toBe(1);
  },
);
