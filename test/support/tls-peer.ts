import { readFileSync } from 'node:fs';
import { createServer, type SecureVersion, type Server, type TLSSocket, type TlsOptions } from 'node:tls';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { TlsSettings } from '../../src/settings/tls-settings.ts';

/** The path of a test certificate or key, `server.pem` for one. */
export function tlsFile(name: string): string {
  return fileURLToPath(new URL(`tls/${name}`, import.meta.url));
}

/** TLS with the test CA trusted and everything else at its default. */
export function tlsSettings(overrides: Partial<TlsSettings> = {}): TlsSettings {
  return {
    serverName: null,
    caFile: tlsFile('ca.pem'),
    certFile: null,
    keyFile: null,
    minVersion: 'TLSv1.2',
    insecureSkipVerify: false,
    expectCloseNotify: false,
    ...overrides,
  };
}

export type TlsPeer = {
  readonly port: number;
  readonly server: Server;
  close(): Promise<void>;
};

export type TlsPeerOptions = TlsOptions & {
  /** `server`, `other`, `expired`. */
  readonly certificate?: string;
  readonly version?: SecureVersion;
  /** What each secured connection does; `raw` is the TCP socket below it. */
  readonly behave?: (secured: TLSSocket, raw: Socket) => void;
};

/** A TLS listener on loopback. */
export async function startTlsPeer({
  certificate = 'server',
  version,
  behave,
  ...options
}: TlsPeerOptions = {}): Promise<TlsPeer> {
  const raws = new Map<number, Socket>();
  const server = createServer({
    key: readFileSync(tlsFile(`${certificate}.key`)),
    cert: readFileSync(tlsFile(`${certificate}.pem`)),
    ...(version === undefined ? {} : { minVersion: version, maxVersion: version }),
    ...options,
  });
  server.on('connection', (raw: Socket) => {
    raw.on('error', () => {});
    const port = raw.remotePort ?? 0;
    raws.set(port, raw);
    raw.on('close', () => raws.get(port) === raw && raws.delete(port));
  });
  server.on('tlsClientError', () => {});
  server.on('secureConnection', (secured) => {
    secured.on('error', () => {});
    secured.resume();
    behave?.(secured, raws.get(secured.remotePort ?? 0) as Socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    server,
    async close() {
      for (const raw of raws.values()) raw.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
