import { setTimeout as sleep } from 'node:timers/promises';
import type { Daemon } from '../daemon.ts';
import type { SeenEvent } from '../event-feed.ts';

/** An incident as `GET /api/v1/incidents` has it. */
export type SeenIncident = {
  readonly id: string;
  readonly state: string;
  readonly scope: string;
  readonly value?: string;
  readonly began: string;
  readonly ended: number;
  readonly of: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly still_down: number;
  readonly sentence: string;
};

/** A running daemon. Each wait ends at its deadline, too: what was missed is for the judge. */
export type Stage = {
  readonly daemon: Daemon;
  incidents(): Promise<readonly SeenIncident[]>;
  /** Peers that have been connected. */
  held(): number;
  /** Disconnects so far. */
  ends(): readonly SeenEvent[];
  until(isSo: () => boolean | Promise<boolean>, deadlineMs: number): Promise<void>;
};

const LOOK_MS = 500;

export function createStage(daemon: Daemon): Stage {
  return {
    daemon,
    async incidents() {
      const { incidents } = JSON.parse(await daemon.get('/api/v1/incidents')) as { incidents: readonly SeenIncident[] };
      return incidents;
    },
    held() {
      const connected = daemon.feed.all().filter(({ type }) => type === 'connected');
      return new Set(connected.map(({ group, peer }) => `${group} ${peer}`)).size;
    },
    ends: () => daemon.feed.all().filter(({ type }) => type === 'disconnected'),
    async until(isSo, deadlineMs) {
      const deadline = Date.now() + deadlineMs;
      while (!(await isSo()) && Date.now() < deadline) await sleep(LOOK_MS);
    },
  };
}
