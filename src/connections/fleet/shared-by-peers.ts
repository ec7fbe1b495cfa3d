import type { Clock } from '../../clock/clock.ts';
import { PacedWork } from '../../clock/paced-work.ts';
import { createWarn } from '../../domain/events/create-warn.ts';
import type { FinrstEvent } from '../../domain/events/finrst-event.ts';
import type { ReadFile } from '../../files/file-content.ts';
import type { Kernel } from '../../os/sockets/kernel.ts';
import { createLoginTools } from '../dial/login-tools.ts';
import { createNameLookup, lookupPlaces, type NameLookup } from '../dial/name-lookup.ts';
import { createSecureContexts } from '../dial/secure-contexts.ts';
import { TimerWheel } from '../hold/timer-wheel.ts';
import { TrafficReports } from '../hold/traffic-reports.ts';
import { ReadTurns } from '../link/read-turns.ts';
import { CloseSpread } from './close-spread.ts';
import { ConnectRate } from './connect-rate.ts';
import { DescriptorBudget } from './descriptor-budget.ts';
import { LoginTurns } from './login-turns.ts';
import type { RunnerContext } from './runner-context.ts';
import { StallMonitor } from './stall-monitor.ts';

export type FleetOptions = {
  readonly clock: Clock;
  readonly random: () => number;
  /** Where ends of connections are served; of its own unless given. */
  readonly work?: PacedWork;
  readonly kernel: Kernel;
  /** Called from within the callbacks of sockets and timers, in the order things happened. It must not call the fleet back. */
  readonly emit: (event: FinrstEvent) => void;
  readonly limits: FleetLimits;
  /** Descriptors this process may have open; null: unknown or unlimited. */
  readonly openFileLimit: number | null;
  /** For the files of `tls` and of logins. */
  readonly readFile: ReadFile;
  /** How we name ourselves to servers that are asked; the name alone unless given. */
  readonly userAgent?: string;
  /** Look-ups of names that may run at a time; what the runtime's own size of its thread pool lets run unless given. */
  readonly lookupPlaces?: number;
  /** Tests hand in a resolver of their own. */
  readonly lookup?: NameLookup;
  /** Silences that are tried where a group has its paths measured, in milliseconds; none unless given. */
  readonly silenceEdgesMs?: readonly number[];
  /** How long a connection that we close may drain until the peer's FIN; 2 s unless given. */
  readonly drainMs?: number;
};

export type FleetLimits = { readonly maxConnectsPerSecond: number; readonly maxConnections: number };

/** Long enough for a FIN to cross the earth several times, short enough for a shutdown. */
const DRAIN_MS = 2000;
/** What one socket may read in one turn of the event loop; TLS decrypts it in half a millisecond. */
const READ_BUFFER_BYTES = 64 * 1024;

/** What connections of one process share, whoever opens them. */
export function sharedByPeers(options: FleetOptions): Omit<RunnerContext, 'forget' | 'watchCertificate'> {
  const { clock, random, kernel, emit, limits, openFileLimit, drainMs = DRAIN_MS } = options;
  const { work: ends = new PacedWork(clock) } = options;
  const stalls = new StallMonitor(clock, (durationMs) => emit({ type: 'loopStalled', at: clock.now(), durationMs }));
  const budget = new DescriptorBudget(openFileLimit, limits.maxConnections, (limit) =>
    createWarn(emit, clock)(
      'error',
      'no more connections can be held: raise the limit of open files, or global.max_connections where it is set',
      { limit },
    ),
  );
  const { readFile, userAgent = 'finrst' } = options;
  const logins = createLoginTools({ clock, readFile, userAgent });
  return {
    clock,
    random,
    kernel,
    emit,
    budget,
    stalls,
    lookup: options.lookup ?? createNameLookup({ clock, places: options.lookupPlaces ?? lookupPlaces(undefined) }),
    secureContexts: createSecureContexts(clock, readFile),
    ends,
    logins,
    turns: new LoginTurns({ clock, random, logins }),
    rate: new ConnectRate({ clock, ends }, limits.maxConnectsPerSecond),
    closes: new CloseSpread(clock, limits.maxConnectsPerSecond),
    traffic: new TrafficReports(clock),
    wheel: new TimerWheel(clock),
    readBuffer: new Uint8Array(READ_BUFFER_BYTES),
    readTurns: new ReadTurns(clock),
    newConnectionId: connectionIds(random),
    drainMs,
  };
}

/** Unique within a process by the count, across restarts by the random part. */
function connectionIds(random: () => number): () => string {
  const run = Math.floor(random() * 36 ** 6)
    .toString(36)
    .padStart(6, '0');
  let count = 0;
  return () => `${run}-${(++count).toString(36)}`;
}
