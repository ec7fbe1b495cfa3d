import { execFileSync } from 'node:child_process';
import { FaultPeer, type Identity } from './fault-peer.ts';

const nft = (...args: string[]): void => void execFileSync('nft', args, { stdio: 'pipe' });

/** Drops a third of the segments with data that go to this address, in this network namespace. */
function loseSegments(address: string): void {
  nft('add', 'table', 'ip', 'lossy');
  nft('add', 'chain', 'ip', 'lossy', 'in', '{ type filter hook input priority 0; }');
  nft(...`add rule ip lossy in ip daddr ${address} tcp flags & psh == psh numgen random mod 100 < 33 drop`.split(' '));
}

function loseNothing(): void {
  nft('delete', 'table', 'ip', 'lossy');
}

/** The daemon's part in the script. */
export type Daemon = {
  writeConfig(text: string): void;
  writeTargets(text: string): void;
  reload(): void;
  pause(): void;
  resume(): void;
};

/** One thing that happens, at this many seconds after the start. */
export type Step = { readonly at: number; readonly what: string; readonly run: () => void | Promise<void> };

/** The script ends here; the charts show it whole. */
export const SCRIPT_SECONDS = 92;

/** Where each name lives. All of 10.20/16 is put on the loopback interface of a network namespace of our own. */
export const HOSTS: Readonly<Record<string, string>> = {
  'redis-0.payments': '10.20.1.10',
  'redis-1.payments': '10.20.1.11',
  'redis-2.payments': '10.20.1.12',
  'pg-primary.billing': '10.20.2.10',
  'pg-replica.billing': '10.20.2.11',
  'pg-archive.billing': '10.20.2.12',
  'mq-0.ledger': '10.20.3.10',
  'mq-1.ledger': '10.20.3.11',
  'mq-2.ledger': '10.20.3.12',
  'gateway-0.edge': '10.20.4.10',
  'gateway-1.edge': '10.20.4.11',
  'gateway-2.edge': '10.20.4.12',
  'feed.partner': '10.20.5.10',
  'legacy.partner': '10.21.0.10',
  'cache-0.sessions': '10.20.6.10',
  'cache-1.sessions': '10.20.6.11',
  'cache-2.sessions': '10.20.6.12',
};

/** A third of what we send here is lost for a while: that is what retransmits are for. */
const LOSSY = '10.20.4.11';

/** Packets to here are refused by the routing table. */
export const UNREACHABLE = '10.21.0.0/16';

export type Identities = { readonly trusted: Identity; readonly stranger: Identity; readonly caFile: string };

/** Every server of the scenario, listening where its name points. */
export class Servers {
  readonly redis0 = new FaultPeer({ address: '10.20.1.10', port: 6379 }, null);
  readonly redis1 = new FaultPeer({ address: '10.20.1.11', port: 6379 }, null);
  readonly redis2 = new FaultPeer({ address: '10.20.1.12', port: 6379 }, null);
  readonly pgPrimary = new FaultPeer({ address: '10.20.2.10', port: 5432 }, null);
  readonly pgReplica = new FaultPeer({ address: '10.20.2.11', port: 5432 }, null);
  /** Says nothing and closes at 60 s, as PostgreSQL does to a client that does not log in. */
  readonly pgArchive = new FaultPeer({ address: '10.20.2.12', port: 5432 }, null, 60_000);
  readonly mq0 = new FaultPeer({ address: '10.20.3.10', port: 5672 }, null);
  readonly mq1 = new FaultPeer({ address: '10.20.3.11', port: 5672 }, null);
  readonly mq2 = new FaultPeer({ address: '10.20.3.12', port: 5672 }, null);
  readonly gateway0: FaultPeer;
  readonly gateway1: FaultPeer;
  readonly gateway2: FaultPeer;
  readonly feed = new FaultPeer({ address: '10.20.5.10', port: 9000 }, null);

  readonly cache0 = new FaultPeer({ address: '10.20.6.10', port: 6379 }, null);
  readonly cache1 = new FaultPeer({ address: '10.20.6.11', port: 6379 }, null);
  /** Has too many clients already. */
  readonly cache2 = new FaultPeer({ address: '10.20.6.12', port: 6379 }, null);

  constructor({ trusted, stranger }: Identities) {
    this.pgArchive.fallSilent();
    this.cache2.refuseWith('-ERR max number of clients reached');
    this.gateway0 = new FaultPeer({ address: '10.20.4.10', port: 443 }, trusted);
    this.gateway1 = new FaultPeer({ address: '10.20.4.11', port: 443 }, trusted);
    this.gateway2 = new FaultPeer({ address: '10.20.4.12', port: 443 }, stranger);
  }

  /** All but the feed, which is refused until it comes up. */
  get fromTheStart(): readonly FaultPeer[] {
    return this.all.filter((server) => server !== this.feed);
  }

  get all(): readonly FaultPeer[] {
    return Object.values(this).filter((value) => value instanceof FaultPeer);
  }
}

/** What the configuration names: absolute paths. */
export type Files = { readonly caFile: string; readonly targetsFile: string };

/** What the file of targets lists: all of the caches, or those that are left after a scale-down. */
export function targetsText(names: readonly string[]): string {
  return JSON.stringify([{ targets: names.map((name) => `${name}.sessions:6379`), labels: { team: 'payments' } }]);
}

/** The configuration before and after the reload in the script. */
export function configText({ caFile, targetsFile }: Files, after: boolean): string {
  return `
global:
  reconnect: {initial: 400ms, max: 4s}
  connect_timeout: 2s
  sample_interval: 1s
tracing:
  endpoint: http://127.0.0.1:4318
groups:
  - name: payments-redis
    idle_timeout: 10s
    heartbeat: {send: 'PING\\r\\n', interval: 2s, expect: '+PONG', timeout: 1500ms}
    static_configs:
      - {targets: ["redis-0.payments:6379"], labels: {team: payments, zone: a}}
      - {targets: ["redis-1.payments:6379", "redis-2.payments:6379"], labels: {team: payments, zone: b}}
  - name: billing-postgres
    static_configs:
      - {targets: ["pg-primary.billing:5432", "pg-archive.billing:5432"], labels: {team: billing, zone: a}}
      - {targets: ["pg-replica.billing:5432"], labels: {team: billing, zone: b}}
  - name: ledger-mq
    idle_timeout: 5s
    keepalive: {idle: ${after ? 30 : 60}s, interval: 10s, count: 3}
    static_configs:
      - {targets: ["mq-0.ledger:5672"], labels: {team: ledger, zone: a}}
      - {targets: ["mq-1.ledger:5672"${after ? '' : ', "mq-2.ledger:5672"'}], labels: {team: ledger, zone: b}}
  - name: edge-tls
    max_connection_age: 40s
    heartbeat: {send: 'PING\\r\\n', interval: 2s, expect: '+PONG', timeout: 1500ms}
    tls: {ca_file: ${JSON.stringify(caFile)}, server_name: edge.test}
    static_configs:
      - {targets: ["gateway-0.edge:443", "gateway-2.edge:443"], labels: {team: edge, zone: a}}
      - {targets: ["gateway-1.edge:443"], labels: {team: edge, zone: b}}
  - name: partners
    static_configs:
      - {targets: ["feed.partner:9000", "legacy.partner:9100", "api.partner.invalid:443"], labels: {team: partners}}
  - name: sessions
    file_sd_configs: [{files: [${JSON.stringify(targetsFile)}], linger: 30s}]
  - name: sessions-redis
    protocol: redis
    static_configs:
      - {targets: ["cache-2.sessions:6379"], labels: {team: payments}}
`;
}

/** A configuration that nobody should load. */
export const BROKEN_CONFIG = 'groups: [{name: payments-redis, idle_timeout: soon}]\n';

/** What goes wrong, and when. Zone b loses everything at once at 55 s. */
export function script(servers: Servers, daemon: Daemon, files: Files): readonly Step[] {
  const { redis1, redis2, pgPrimary, pgReplica, mq0, mq1, gateway1, feed, cache1 } = servers;
  const flapping: Step[] = [24, 28, 32, 36, 40, 44, 48, 62, 66, 70].map((at) => ({
    at,
    what: 'redis-2 is reset',
    run: () => redis2.reset(),
  }));
  return [
    ...flapping,
    { at: 14, what: 'gateway-1 closes TLS in order', run: () => gateway1.endInOrder() },
    { at: 16, what: 'the path to gateway-1 begins to lose segments', run: () => loseSegments(LOSSY) },
    { at: 58, what: 'the path to gateway-1 is well again', run: () => loseNothing() },
    { at: 18, what: 'redis-1 falls silent', run: () => redis1.fallSilent() },
    { at: 26, what: 'gateway-1 is reset', run: () => gateway1.reset() },
    { at: 30, what: 'mq-0 falls silent', run: () => mq0.fallSilent() },
    { at: 34, what: 'pg-primary restarts', run: () => pgPrimary.goAway() },
    { at: 38, what: 'the feed comes up', run: () => feed.listen() },
    { at: 41, what: 'gateway-1 stops answering', run: () => gateway1.fallSilent() },
    { at: 43, what: 'mq-0 speaks again', run: () => mq0.speakAgain() },
    { at: 46, what: 'pg-primary is back', run: () => pgPrimary.listen() },
    { at: 47, what: 'gateway-1 answers again', run: () => gateway1.speakAgain() },
    {
      at: 55,
      what: 'a box in zone b loses its connections',
      run: () => [redis1, redis2, pgReplica, mq1, gateway1].forEach((server) => server.reset()),
    },
    { at: 50, what: 'cache-1 is scaled away', run: () => daemon.writeTargets(targetsText(['cache-0'])) },
    { at: 53, what: 'and resets its connections', run: () => cache1.reset() },
    { at: 56, what: 'redis-1 speaks again', run: () => redis1.speakAgain() },
    { at: 68, what: 'a broken configuration is loaded', run: () => daemon.writeConfig(BROKEN_CONFIG) },
    { at: 68.2, what: 'reload', run: () => daemon.reload() },
    { at: 74, what: 'the new configuration is loaded', run: () => daemon.writeConfig(configText(files, true)) },
    { at: 74.2, what: 'reload', run: () => daemon.reload() },
    { at: 79, what: 'pg-replica closes in order', run: () => pgReplica.endInOrder() },
    { at: 82, what: 'the daemon is held up', run: () => daemon.pause() },
    { at: 82.4, what: 'and goes on', run: () => daemon.resume() },
    {
      at: 84,
      what: 'gateway-1 is reset and stays away',
      run: () => {
        gateway1.reset();
        gateway1.goAway();
      },
    },
  ].toSorted((one, other) => one.at - other.at);
}

/** The peers in trouble and the ones that are well, for the tests that read the pictures' data. */
export const TROUBLED = ['redis-2.payments:6379', 'redis-1.payments:6379', 'gateway-1.edge:443', 'gateway-2.edge:443'];
/** Of them all, those without a connection when the script ends. */
export const DOWN_AT_THE_END = [
  'gateway-1.edge:443',
  'gateway-2.edge:443',
  'api.partner.invalid:443',
  'legacy.partner:9100',
  'cache-2.sessions:6379',
];
export const WELL = ['redis-0.payments:6379'];
