import { openKernel } from '../os/sockets/open-kernel.ts';
import { openFileLimit } from '../os/process/open-file-limit.ts';
import { lookupPlaces } from '../connections/dial/name-lookup.ts';
import { sharedByPeers } from '../connections/fleet/shared-by-peers.ts';
import { ClosingConnections } from '../connections/silence/closing-connections.ts';
import { measurePeer, silentAtATime } from '../connections/silence/measure-peer.ts';
import type { LadderEnd, LadderRow, MeasuredPeer } from '../domain/silence/silence-ladder-state.ts';
import type { SilenceFinding } from '../domain/silence/find-silence-limit.ts';
import type { SilenceResult } from '../domain/silence/silence-result.ts';
import { ladderSteps, longestLadderMs } from '../domain/silence/ladder-steps.ts';
import { DEFAULT_GLOBAL_SETTINGS } from '../settings/global-settings.ts';
import { expectsAnswer } from '../settings/heartbeat.ts';
import type { PeerSettings } from '../settings/peer-settings.ts';
import { LIFETIME_BUCKETS_SECONDS } from '../sinks/metrics/bucket-bounds.ts';
import type { DaemonOptions } from './daemon-options.ts';

export type MeasureSilenceOptions = Pick<DaemonOptions, 'clock' | 'random' | 'readFile' | 'platform' | 'env'> & {
  readonly settings: PeerSettings;
  /** Null: the edges of our histograms up to `upToMs`. */
  readonly stepsMs: readonly number[] | null;
  readonly upToMs: number;
  readonly connected: (peer: MeasuredPeer) => void;
  readonly decided: (result: SilenceResult) => void;
};

/** A ladder that runs. */
export type SilenceMeasurement = {
  readonly stepsMs: readonly number[];
  /** How long it takes at most. */
  readonly mostMs: number;
  readonly rows: () => readonly LadderRow[];
  /** What is known so far. */
  readonly finding: () => SilenceFinding;
  readonly ended: Promise<LadderEnd>;
  /** Closes everything; `ended` is never resolved then. */
  readonly stop: () => void;
};

export type SilenceMeasured =
  | { readonly kind: 'begun'; readonly measurement: SilenceMeasurement }
  | { readonly kind: 'failed'; readonly problem: string };

/** Measures how long the path to this peer tolerates silence. Nothing else is held meanwhile. */
export async function measureSilence(options: MeasureSilenceOptions): Promise<SilenceMeasured> {
  const { settings, connected, decided, upToMs } = options;
  const stepsMs = options.stepsMs ?? defaultSteps(upToMs);
  const { kernel, problem = '' } = await openKernel(options.platform);
  if (!kernel.evidence && !expectsAnswer(settings))
    return { kind: 'failed', problem: `no keepalive probe can be sent: ${problem}` };
  const ended = Promise.withResolvers<LadderEnd>();
  const context = sharedByPeers({
    ...options,
    kernel,
    emit: () => {},
    limits: DEFAULT_GLOBAL_SETTINGS,
    openFileLimit: openFileLimit(),
    lookupPlaces: lookupPlaces(options.env['UV_THREADPOOL_SIZE']),
  });
  const closing = new ClosingConnections();
  const ladder = measurePeer({ settings, stepsMs, context, closing, connected, decided, ended: ended.resolve });
  ladder.start();
  return {
    kind: 'begun',
    measurement: {
      stepsMs,
      mostMs: longestLadderMs(stepsMs, silentAtATime(settings)),
      rows: () => ladder.rows,
      finding: () => ladder.finding,
      ended: ended.promise,
      stop: () => ladder.stop(),
    },
  };
}

function defaultSteps(upToMs: number): readonly number[] {
  return ladderSteps(
    LIFETIME_BUCKETS_SECONDS.map((seconds) => seconds * 1000),
    upToMs,
  );
}
