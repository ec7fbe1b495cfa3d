/** Every repeat of every scenario has addresses of its own: the scenario is the third octet, client and repeat the fourth. */
export const CLIENTS = ['daemon', 'twin', 'plainCurrent', 'plainOld'] as const;
export type Client = (typeof CLIENTS)[number];

/** The port all peers of the lab listen on, and one that nobody listens on. */
export const PORT = 7000;
export const CLOSED_PORT = 7999;
/**
 * Its listener has a small receive buffer, so windows are small from the handshake on. A buffer made smaller later takes
 * back what was offered: packets in flight are dropped then, and the kernel tries for 4 minutes (tcp_rtx_probe0_timed_out).
 */
export const SMALL_WINDOW_PORT = 7002;

/** fault_server.py knows the same number. Four clients fit into one octet. */
const SLOTS_PER_CLIENT = 60;

/** The slot of a client's repeat; `k` counts from 0. */
export function slotOf(client: Client, k: number): number {
  if (k >= SLOTS_PER_CLIENT) throw new RangeError(`repeat ${k} has no slot`);
  return CLIENTS.indexOf(client) * SLOTS_PER_CLIENT + k + 1;
}

export type Place = { readonly index: number; readonly family: 'ipv4' | 'ipv6' };

export function addressOf({ index, family }: Place, client: Client, k: number): string {
  const slot = slotOf(client, k);
  return family === 'ipv4' ? `10.90.${index}.${slot}` : `fd77:90:0:${index.toString(16)}::${slot.toString(16)}`;
}

/** `HOST:PORT` as a target writes it. */
export function targetOf(address: string, port = PORT): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

export function subnetOf({ index, family }: Place): string {
  return family === 'ipv4' ? `10.90.${index}.0/24` : `fd77:90:0:${index.toString(16)}::/64`;
}

/** Where a scenario's peers are, if the middlebox translates their addresses. */
export function backendsOf({ index }: Place): string {
  return `10.93.${index}.0/24`;
}

/** Addresses of peers that are held beside the scenarios; nothing is done to them. */
export function otherPeers(count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => `10.91.${Math.floor(n / 250)}.${(n % 250) + 1}:${PORT}`);
}

/** A scenario's own link: its name on both ends, and the middlebox's address on it. */
export function linkOf({ index }: Place): { readonly name: string; readonly gateway: string } {
  return { name: `own${index}`, gateway: `10.78.${index}.1` };
}
