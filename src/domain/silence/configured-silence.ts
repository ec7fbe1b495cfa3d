import type { PeerSettings } from '../../settings/peer-settings.ts';
import { timerSlotSeconds } from '../timer-slot.ts';

/**
 * The longest silence of packets that these settings allow, the lateness of the kernel's keepalive timer included; Infinity: none
 * of them ever sends.
 */
export function configuredSilenceMs({ keepalive, heartbeat }: Pick<PeerSettings, 'keepalive' | 'heartbeat'>): number {
  const ofKeepalive =
    keepalive === null ? Infinity : (keepalive.idleSeconds + timerSlotSeconds(keepalive.idleSeconds)) * 1000;
  return Math.min(ofKeepalive, heartbeat?.intervalMs ?? Infinity);
}
