/** Who counts connections to an address from now on; nobody: it is not wanted any more. */
export type RemoteChange = { readonly address: string; readonly port: number; readonly peers: readonly string[] };

/** The key of a remote address and port. */
export function remoteKey(address: string, port: number): string {
  return `${address} ${port}`;
}
