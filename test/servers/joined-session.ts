import { pbkdf2Sync } from 'node:crypto';
import type { Socket } from 'node:net';
import { createProtocol } from '../../src/protocols/registry.ts';
import type { Derivation, Session, Step } from '../../src/protocols/session.ts';
import type { ProtocolSettings } from '../../src/settings/protocol-settings.ts';
import { sessionContext } from '../support/session-context.ts';
import type { Stage } from './stage.ts';

/** A client that is logged in. */
export type JoinedSession = {
  /** Sends a heartbeat; resolves with its answer. */
  readonly beat: () => Promise<void>;
  /** Without a farewell. */
  readonly leave: () => void;
};

/** Connects to the server at a port, and logs in. */
export type Joins = (stage: Stage, port: number) => Promise<JoinedSession>;

/** Clients that say what Finrst does. */
export function joinsBy(settings: ProtocolSettings, password: string | null = null): Joins {
  const protocol = createProtocol(settings);
  // With the same random bytes a broker of MQTT would take one client for another.
  let clients = 0;
  return async (stage, port) => {
    const salt = ++clients;
    const random = (bytes: number) => Uint8Array.from({ length: bytes }, (_, at) => (at === 0 ? salt >> 8 : salt + at));
    return joinSession(await stage.client(port), protocol.open(sessionContext({ password, random })));
  };
}

/** Logs in over a socket as Finrst does; rejects where the server refuses. */
async function joinSession(socket: Socket, session: Session): Promise<JoinedSession> {
  let wanted: Step['kind'] = 'ready';
  let done = (): void => undefined;
  let failed: (error: Error) => void = () => undefined;
  const run = (steps: readonly Step[]): void => {
    for (const step of steps) {
      if (step.kind === 'send') socket.write(step.bytes);
      else if (step.kind === 'derive') run(session.derived(keyOf(step.derivation)));
      else if (step.kind === wanted) done();
      else if (step.kind === 'refused' || step.kind === 'broken') failed(new Error(JSON.stringify(step)));
    }
  };
  const until = (kind: Step['kind'], steps: () => readonly Step[]): Promise<void> =>
    new Promise((resolve, reject) => {
      [wanted, done, failed] = [kind, resolve, reject];
      run(steps());
    });
  socket.on('data', (bytes: Uint8Array) => run(session.received(bytes)));
  socket.once('close', () => failed(new Error('the server closed')));
  await until('ready', () => session.start());
  return { beat: () => until('answered', () => session.beat()), leave: () => void socket.destroy() };
}

function keyOf({ password, salt, iterations, keyBytes, digest }: Derivation): Uint8Array {
  return pbkdf2Sync(password, salt, iterations, keyBytes, digest);
}
