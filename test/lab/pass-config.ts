import { parseDuration } from '../../src/text/duration.ts';
import { addressOf, otherPeers, PORT, targetOf, type Client, type Place } from './addresses.ts';
import type { PlainTarget } from './plain-clients.ts';
import type { AddressAt, Scenario, ServerPlan } from './scenario.ts';
import type { TwinOptions } from './twins.ts';

/** A scenario in its place: the addresses that are its alone during a run. */
export type Placed = { readonly scenario: Scenario; readonly place: Place };

export function place(scenarios: readonly Scenario[]): readonly Placed[] {
  return scenarios.map((scenario, n) => ({ scenario, place: { index: n + 1, family: scenario.family ?? 'ipv4' } }));
}

export const groupOf = ({ id }: Scenario): string => id.toLowerCase().replaceAll('.', '-');
export const OTHERS = 'others';

export function addressesOf(placed: Placed): AddressAt {
  return (client, k) => addressOf(placed.place, client, k);
}

export function targetAt(placed: Placed, k: number): string {
  const at = addressesOf(placed);
  return placed.scenario.target?.(k, at) ?? targetOf(at('daemon', k), placed.scenario.port);
}

/**
 * The configuration of a run. Keepalive is off unless a scenario is about it, so that nothing but the scenario's own
 * writes touches the path; everything else is as shipped.
 */
export function daemonConfig(all: readonly Placed[], others: number, folder: string): object {
  const groups = all.map((placed) => ({
    name: groupOf(placed.scenario),
    ...placed.scenario.group,
    static_configs: [{ targets: repeats(placed.scenario).map((k) => targetAt(placed, k)) }],
  }));
  const beside = {
    name: OTHERS,
    heartbeat: { send: 'PING\\r\\n', interval: '10s', expect: '+PONG', timeout: '5s' },
    static_configs: [{ targets: otherPeers(others) }],
  };
  const config = {
    global: { keepalive: false, max_connects_per_second: 400 },
    groups: others > 0 ? [...groups, beside] : groups,
  };
  return JSON.parse(JSON.stringify(config).replaceAll('CERTIFICATES', folder)) as object;
}

export function repeats({ repeat }: Scenario): readonly number[] {
  return Array.from({ length: repeat }, (_, k) => k);
}

/** What the fault server is told, and its side of the twins' bookkeeping. */
export function serverPlan({
  scenario,
}: Placed): ServerPlan & { readonly sync?: boolean; readonly nudge_twin?: boolean } {
  const deaf = scenario.server?.unread === true || scenario.server?.process !== undefined;
  const beats = writesOf(scenario) !== null;
  return { ...scenario.server, ...(beats ? (deaf ? { nudge_twin: true } : { sync: true }) : {}) };
}

type Settings = {
  readonly heartbeat?: { readonly send: string; readonly interval: string };
  readonly keepalive?: { readonly idle: string; readonly interval: string; readonly count: number };
  readonly user_timeout?: string;
  readonly tls?: object;
};

function writesOf(scenario: Scenario): { readonly everyMs: number; readonly bytes: number } | null {
  const { heartbeat } = (scenario.group ?? {}) as Settings;
  return heartbeat === undefined ? null : { everyMs: milliseconds(heartbeat.interval), bytes: heartbeat.send.length };
}

function milliseconds(duration: string | undefined): number {
  return duration === undefined ? 0 : parseDuration(duration)!;
}

/** The twins' side of the same settings. A server that does not read is written to at once: the twin is told right away. */
export function twinOptions(placed: Placed): TwinOptions {
  const { scenario } = placed;
  const { keepalive, user_timeout, tls } = (scenario.group ?? {}) as Settings;
  const writes = writesOf(scenario);
  return {
    hosts: repeats(scenario).map((k) => addressOf(placed.place, 'twin', k)),
    port: scenario.port ?? PORT,
    keepalive:
      keepalive === undefined
        ? null
        : {
            idle: milliseconds(keepalive.idle) / 1000,
            interval: milliseconds(keepalive.interval) / 1000,
            count: keepalive.count,
          },
    userTimeoutMs: milliseconds(user_timeout),
    echo:
      writes === null ? null : { delayMs: serverPlan(placed).sync === true ? writes.everyMs : 1, bytes: writes.bytes },
    watchData: tls !== undefined && writes === null,
  };
}

export function plainTargets(all: readonly Placed[], client: Client, folder: string): readonly PlainTarget[] {
  return all
    .filter(({ scenario }) => scenario.plain !== false)
    .flatMap((placed) => {
      const { scenario } = placed;
      const { keepalive, tls } = (scenario.group ?? {}) as Settings;
      const writes = writesOf(scenario);
      return repeats(scenario).map((k) => ({
        scenario: scenario.id,
        k,
        host: addressOf(placed.place, client, k),
        writeEveryMs: writes?.everyMs ?? 0,
        writeBytes: writes?.bytes ?? 0,
        keepAliveMs: milliseconds(keepalive?.idle),
        tls: tls !== undefined,
        caFile: `${folder}/ca.pem`,
      }));
    });
}

/** Attempts of a plain client, to addresses that nobody else dials. */
export function dialledTargets(all: readonly Placed[], folder: string): readonly PlainTarget[] {
  const silent = { writeEveryMs: 0, writeBytes: 0, keepAliveMs: 0, tls: false, caFile: `${folder}/ca.pem` };
  return all
    .filter(({ scenario }) => scenario.dialled !== undefined)
    .flatMap(({ scenario, place: at }) =>
      repeats(scenario).map((k) => ({
        ...silent,
        scenario: scenario.id,
        k,
        host: addressOf(at, 'twin', k),
        port: scenario.port ?? PORT,
      })),
    );
}
