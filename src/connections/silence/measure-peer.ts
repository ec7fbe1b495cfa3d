import type { PeerSettings } from '../../settings/peer-settings.ts';
import { expectsAnswer } from '../../settings/heartbeat.ts';
import type { MeasuredPeer } from '../../domain/silence/silence-ladder-state.ts';
import type { AttemptContext } from '../dial/connect-attempt.ts';
import type { ClosingConnections } from './closing-connections.ts';
import { DialledSilence } from './dialled-silence.ts';
import { type LadderOptions, SilenceLadder } from './silence-ladder.ts';

export type MeasureOptions = Pick<LadderOptions, 'stepsMs' | 'decided' | 'ended'> & {
  readonly settings: PeerSettings;
  readonly context: AttemptContext;
  readonly closing: ClosingConnections;
  /** Called once, before anything is decided. */
  readonly connected: (peer: MeasuredPeer) => void;
};

/** Databases have few connections to give. */
const LOGINS_AT_A_TIME = 3;
/** Long enough that the kernel sends no probe by itself; the most that Linux takes is 32,767 s. */
const NO_PROBE_BEFORE_S = 32_767;
/** Unanswered probes, one a second, that mean the path is dead. */
export const PROBES = 3;

/** How many connections to this peer are silent at a time. */
export function silentAtATime({ protocol }: Pick<PeerSettings, 'protocol'>): number {
  return protocol === null ? Number.POSITIVE_INFINITY : LOGINS_AT_A_TIME;
}

/**
 * A ladder of connections to this peer. What asks is its protocol or heartbeat where it has one that expects an answer, else a
 * keepalive probe, forced at the end of each silence: the kernel's own timer is up to 16 s late. All of them go to the
 * address that the first one reached.
 */
export function measurePeer(options: MeasureOptions): SilenceLadder {
  const { settings, stepsMs, context, closing, decided, ended } = options;
  let used = silentSettings(settings);
  let isKnown = false;
  return new SilenceLadder({
    clock: context.clock,
    stepsMs,
    atATime: silentAtATime(settings),
    decided,
    ended,
    open: (listener) =>
      new DialledSilence({
        settings: used,
        context,
        closing,
        listener,
        connected: (link, { tls }) => {
          if (isKnown) return;
          isKnown = true;
          used = sameAddress(used, link.remote.address);
          const rttMs = link.sample()?.rttMs ?? null;
          const { address, port } = link.remote;
          options.connected({ address, port, local: link.local.address, tls: tls?.version ?? null, rttMs });
        },
      }),
  });
}

function silentSettings(settings: PeerSettings): PeerSettings {
  const probes = { idleSeconds: NO_PROBE_BEFORE_S, intervalSeconds: 1, count: PROBES };
  return { ...settings, keepalive: expectsAnswer(settings) ? null : probes, userTimeoutMs: 0 };
}

function sameAddress(settings: PeerSettings, address: string): PeerSettings {
  const { tls, host } = settings;
  return { ...settings, host: address, tls: tls && { ...tls, serverName: tls.serverName ?? host } };
}
