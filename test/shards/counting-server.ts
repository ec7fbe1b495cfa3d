import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';

/** What was seen of one peer since `begin`. */
type Seen = {
  open: number;
  connects: number;
  unheldMs: number;
  twiceSince: number | null;
  twiceMs: number;
  most: number;
};

export type Holding = {
  /** The longest that a peer was held by nobody, in ms; as seen by looks every 50 ms. */
  readonly unheldMs: number;
  /** The longest that a peer was held by two. */
  readonly twiceMs: number;
  /** The most connections that a peer had at once. */
  readonly most: number;
  /** Peers that got a new connection. */
  readonly moved: number;
};

const LOOK_EVERY_MS = 50;

/** All peers: loopback addresses on one port, who count the connections that each of them has. */
export class CountingServer {
  readonly #server: Server;
  readonly #peers = new Map<string, Seen>();
  readonly #looks: NodeJS.Timeout;
  /** Connections that ended without a FIN from the other side. */
  abnormal = 0;

  private constructor(server: Server, addresses: readonly string[]) {
    this.#server = server;
    for (const address of addresses) this.#peers.set(address, fresh(0));
    this.#looks = setInterval(() => this.#look(), LOOK_EVERY_MS);
    server.on('connection', (socket) => {
      const peer = this.#peers.get(socket.localAddress ?? '');
      if (peer === undefined) return;
      peer.open++;
      peer.connects++;
      peer.most = Math.max(peer.most, peer.open);
      let isOpen = true;
      const over = (isOrderly: boolean): void => {
        if (!isOpen) return;
        isOpen = false;
        peer.open--;
        if (!isOrderly) this.abnormal++;
      };
      socket.on('end', () => over(true));
      socket.on('error', () => over(false));
      socket.on('close', () => over(false));
      socket.resume();
    });
  }

  static async start(peers: number): Promise<CountingServer> {
    const server = createServer();
    server.listen(0, '0.0.0.0', 8192);
    await once(server, 'listening');
    const addresses = Array.from({ length: peers }, (_, i) => `127.20.${Math.floor(i / 250)}.${(i % 250) + 1}`);
    return new CountingServer(server, addresses);
  }

  get targets(): readonly string[] {
    const { port } = this.#server.address() as AddressInfo;
    return Array.from(this.#peers.keys(), (address) => `${address}:${port}`);
  }

  /** How many peers have exactly so many connections. */
  held(times: number): number {
    return [...this.#peers.values()].filter(({ open }) => open === times).length;
  }

  /** Forgets what was seen until now. */
  begin(): void {
    // Not anew: those who listen to sockets keep the object.
    for (const peer of this.#peers.values()) Object.assign(peer, fresh(peer.open));
  }

  seen(): Holding {
    const all = [...this.#peers.values()];
    const most = (of: (seen: Seen) => number): number => all.reduce((max, each) => Math.max(max, of(each)), 0);
    return {
      unheldMs: most(({ unheldMs }) => unheldMs),
      twiceMs: most(({ twiceMs }) => twiceMs),
      most: most((each) => each.most),
      moved: all.filter(({ connects }) => connects > 0).length,
    };
  }

  async stop(): Promise<void> {
    clearInterval(this.#looks);
    this.#server.close();
    await once(this.#server, 'close');
  }

  #look(): void {
    const now = performance.now();
    for (const peer of this.#peers.values()) {
      if (peer.open === 0) peer.unheldMs += LOOK_EVERY_MS;
      if (peer.open < 2) peer.twiceSince = null;
      else {
        peer.twiceSince ??= now;
        peer.twiceMs = Math.max(peer.twiceMs, now - peer.twiceSince);
      }
    }
  }
}

function fresh(open: number): Seen {
  return { open, connects: 0, unheldMs: 0, twiceSince: null, twiceMs: 0, most: open };
}
