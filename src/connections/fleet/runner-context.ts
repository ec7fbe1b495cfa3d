import type { Clock, Timer } from '../../clock/clock.ts';
import type { FinrstEvent } from '../../domain/events/finrst-event.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import type { PacedWork } from '../../clock/paced-work.ts';
import type { Kernel } from '../../os/sockets/kernel.ts';
import type { CloseSpread } from './close-spread.ts';
import type { ConnectRate } from './connect-rate.ts';
import type { LoginTurns } from './login-turns.ts';
import type { DescriptorBudget } from './descriptor-budget.ts';
import type { NameLookup } from '../dial/name-lookup.ts';
import type { LoginTools } from '../dial/login-tools.ts';
import type { SecureContexts } from '../dial/secure-contexts.ts';
import type { ReadTurns } from '../link/read-turns.ts';
import type { StallMonitor } from './stall-monitor.ts';
import type { CertificateHolder } from '../hold/certificate-holder.ts';
import type { TimerWheel } from '../hold/timer-wheel.ts';
import type { TrafficReports } from '../hold/traffic-reports.ts';

/** What all peers of a process share. */
export type RunnerContext = {
  readonly clock: Clock;
  /** Uniform in 0..1. */
  readonly random: () => number;
  readonly kernel: Kernel;
  readonly emit: (event: FinrstEvent) => void;
  readonly lookup: NameLookup;
  readonly secureContexts: SecureContexts;
  readonly logins: LoginTools;
  readonly turns: LoginTurns;
  readonly rate: ConnectRate;
  readonly closes: CloseSpread;
  readonly budget: DescriptorBudget;
  readonly stalls: StallMonitor;
  readonly traffic: TrafficReports;
  readonly wheel: TimerWheel;
  /** Has the certificates of a held connection read anew, until it is cancelled: at the end of the connection. */
  readonly watchCertificate: (holder: CertificateHolder) => Timer;
  /** One buffer that every socket reads into: what peers send is counted and dropped, so a flood costs no memory. */
  readonly readBuffer: Uint8Array;
  readonly readTurns: ReadTurns;
  /** Where the ends of connections are served, a slice at a time. */
  readonly ends: PacedWork;
  /** The peer vanished from its source a while ago and is over now. */
  readonly forget: (peer: PeerRef) => void;
  readonly newConnectionId: () => string;
  /** How long a connection that we close may drain until the peer's FIN. */
  readonly drainMs: number;
};
