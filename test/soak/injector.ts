import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, type SecureContext, type SecureVersion, TLSSocket } from 'node:tls';
import { tlsFile } from '../support/tls-peer.ts';
import type { Fault, Victim } from './fault.ts';
import type { SoakPeer } from './soak-groups.ts';

export type Injection = { readonly fault: Fault; readonly at: number };

/** One line of the injector's record: a connection that reached a peer, and what was done to it. Times are wall-clock ms. */
export type Attempt = {
  readonly peer: SoakPeer;
  /** The daemon's port. */
  readonly localPort: number;
  readonly acceptedAt: number;
  readonly victim: Victim;
  /** Null: nothing was done. */
  injected: Injection | null;
  /** The daemon closed its side. */
  closedAt: number | null;
};

export type InjectorOptions = {
  readonly peers: readonly SoakPeer[];
  readonly random: () => number;
  /** At most this long a healthy connection is left alone. */
  readonly restMs: number;
  readonly accepted: (attempt: Attempt) => void;
};

/** A little after the handshake or the first answer, so that both sides agree that it is over. */
const LEAST_REST_MS = 20;
/** A listening peer says something this often: several times within its idle timeout. */
const PUSH_EVERY_MS = 300;
const PING = 'PING';

/** The peers: accepts what the daemon opens, and harms it at random. Each attempt meets one fault, its first. */
export class Injector {
  readonly #options: InjectorOptions;
  readonly #peers: ReadonlyMap<string, SoakPeer>;
  readonly #server: Server;
  readonly #contexts = new Map<SecureVersion, SecureContext>();
  /** Healthy connections; where a fault is due, its timer. */
  readonly #healthy = new Map<Attempt, NodeJS.Timeout | null>();
  readonly #pushing = new Set<Attempt>();
  readonly #open = new Set<Socket>();
  readonly #pushes: NodeJS.Timeout;
  #isActive = false;
  #injected = 0;

  constructor(options: InjectorOptions) {
    this.#options = options;
    this.#peers = new Map(options.peers.map((peer) => [peer.address, peer]));
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
    this.#pushes = setInterval(() => this.#push(), PUSH_EVERY_MS);
  }

  /** Resolves with the port that all peers listen on. */
  async listen(): Promise<number> {
    this.#server.listen(0, '0.0.0.0', 8192);
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  get injected(): number {
    return this.#injected;
  }

  get openSockets(): number {
    return this.#open.size;
  }

  /** Harms what is open, and what will be. */
  begin(): void {
    this.#isActive = true;
    for (const attempt of this.#healthy.keys()) this.#plan(attempt);
  }

  /** From now on nothing is harmed; what was done is done. */
  pause(): void {
    this.#isActive = false;
    for (const [attempt, timer] of this.#healthy) {
      if (timer !== null) clearTimeout(timer);
      this.#healthy.set(attempt, null);
    }
  }

  async close(): Promise<void> {
    this.pause();
    clearInterval(this.#pushes);
    for (const socket of this.#open) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(socket: Socket): void {
    const peer = this.#peers.get(socket.localAddress ?? '');
    const localPort = socket.remotePort;
    if (peer === undefined || localPort === undefined) return void socket.destroy();
    const victim: Victim = { socket, secured: null, speech: 'right' };
    const attempt: Attempt = {
      peer,
      localPort,
      acceptedAt: Date.now(),
      victim,
      injected: null,
      closedAt: null,
    };
    this.#watch(socket, attempt);
    this.#options.accepted(attempt);
    const fault = this.#isActive ? this.#pick(peer) : null;
    if (fault?.at === 'accept') this.#inject(attempt, fault);
    if (socket.destroyed) return;
    if (peer.group.tls !== null) this.#secure(attempt, peer.group.tls);
    else this.#live(attempt, fault);
  }

  #watch(socket: Socket, attempt: Attempt): void {
    this.#open.add(socket);
    socket.on('error', () => {}); // what the daemon does to it is judged by its journal
    socket.on('end', () => {
      this.#closedByDaemon(attempt);
      if (!socket.writableEnded) socket.end();
    });
    socket.on('close', () => {
      this.#closedByDaemon(attempt);
      this.#open.delete(socket);
    });
  }

  #live(attempt: Attempt, fault: Fault | null): void {
    const { victim } = attempt;
    const { socket } = victim;
    const { life } = attempt.peer.group;
    if (life !== 'answers') {
      socket.resume();
      if (life === 'pushes') this.#pushing.add(attempt);
      if (attempt.injected === null) this.#rest(attempt);
      return;
    }
    let isFirst = true;
    socket.on('data', (bytes: Buffer) => {
      if (isFirst && fault?.at === 'answer') this.#inject(attempt, fault);
      else this.#answer(victim, bytes);
      if (isFirst && attempt.injected === null) this.#rest(attempt);
      isFirst = false;
    });
  }

  #answer({ socket, speech }: Victim, bytes: Buffer): void {
    if (speech === 'none' || !socket.writable || !bytes.includes(PING)) return;
    socket.write(speech === 'right' ? '+PONG\r\n' : '-ERR\r\n');
  }

  #secure(attempt: Attempt, version: SecureVersion): void {
    const { victim } = attempt;
    if (attempt.injected !== null) return void victim.socket.resume();
    const secured = new TLSSocket(victim.socket, { isServer: true, secureContext: this.#context(version) });
    victim.secured = secured;
    secured.on('error', () => {});
    secured.on('end', () => {
      this.#closedByDaemon(attempt);
      secured.end();
    });
    secured.on('close', () => victim.socket.destroy());
    secured.resume();
    secured.once('secure', () => this.#rest(attempt));
  }

  #context(version: SecureVersion): SecureContext {
    let context = this.#contexts.get(version);
    if (context === undefined) {
      const [key, cert] = [readFileSync(tlsFile('server.key')), readFileSync(tlsFile('server.pem'))];
      context = createSecureContext({ key, cert, minVersion: version, maxVersion: version });
      this.#contexts.set(version, context);
    }
    return context;
  }

  #rest(attempt: Attempt): void {
    if (attempt.closedAt !== null || attempt.peer.group.faults.length === 0) return;
    this.#healthy.set(attempt, null);
    if (this.#isActive) this.#plan(attempt);
  }

  #plan(attempt: Attempt): void {
    const fault = this.#pick(attempt.peer, 'held');
    const restMs = LEAST_REST_MS + this.#options.random() * this.#options.restMs;
    const due = (): void => {
      if (fault !== null && this.#healthy.has(attempt)) this.#inject(attempt, fault);
    };
    // The sockets are read first: the daemon may have closed it while our own loop was held up.
    this.#healthy.set(
      attempt,
      setTimeout(() => setImmediate(due), restMs),
    );
  }

  #closedByDaemon(attempt: Attempt): void {
    attempt.closedAt ??= Date.now();
    this.#retire(attempt);
  }

  #retire(attempt: Attempt): void {
    clearTimeout(this.#healthy.get(attempt) ?? undefined);
    this.#healthy.delete(attempt);
    this.#pushing.delete(attempt);
  }

  /** The record is written before the deed. */
  #inject(attempt: Attempt, fault: Fault): void {
    this.#retire(attempt);
    attempt.injected = { fault, at: Date.now() };
    this.#injected += 1;
    fault.act(attempt.victim);
  }

  #pick({ group }: SoakPeer, at?: Fault['at']): Fault | null {
    const faults = at === undefined ? group.faults : group.faults.filter((fault) => fault.at === at);
    return faults[Math.floor(this.#options.random() * faults.length)] ?? null;
  }

  #push(): void {
    for (const { victim } of this.#pushing) if (victim.socket.writable) victim.socket.write('tick\n');
  }
}
