/** What `npm test` leaves out, because it needs root, other programs or time, and how to run it. */
const LEFT_OUT = [
  [
    'npm run test:servers',
    'real Redis, PostgreSQL, pgbouncer, MariaDB, nginx, HAProxy, Apache, Mosquitto, NATS, OpenLDAP, OpenSSH, Postfix, Dovecot, memcached, vsftpd, HTTP/1 and HTTP/2 of Node.js, WebSocket of ws, gRPC of Go, RabbitMQ, Kafka, ZooKeeper, Cassandra and FerretDB',
  ],
  ['npm run lab', 'what only a network can do to a connection, between network namespaces (needs root)'],
  [
    'npm run test:observe',
    'observing connections of other processes: its cost, and real clients (needs root, bpftrace, Go)',
  ],
  ['npm run test:spans', 'spans, against collectors that refuse, stall and vanish'],
  ['npm run test:deploy', 'the chart, the manifests and the image'],
  ['npm run test:grafana', 'the dashboards and the alerts'],
  ['npm run test:pages', 'the pages in a real browser (needs Chromium)'],
  ['npm run test:attack', 'what clients and peers that attack can delay (half a minute, on its own)'],
  ['npm run test:shards', 'shards that come and go, with 3,000 peers (three minutes, on its own)'],
  ['npm run test:parity', 'relabelling and discovery, against Prometheus itself (needs Go, promtool, root)'],
  ['npm run test:kubernetes', 'the chart and the image on a real Kubernetes of one node (needs root, Go, containerd)'],
  ['npm run test:bare', 'npm test on a bare Debian 12, the tarball under its systemd, the oldest and newest Node.js'],
] as const;

/** Runs after the summary of a whole `npm test`; other runs chose their suites themselves. */
export function teardown(): void {
  if (process.env['npm_lifecycle_event'] !== 'test') return;
  const width = Math.max(...LEFT_OUT.map(([command]) => command.length));
  const lines = LEFT_OUT.map(([command, what]) => `  ${command.padEnd(width)}  ${what}`);
  process.stdout.write(
    ['', 'Not part of npm test; each names what it lacks on this machine:', ...lines, ''].join('\n') + '\n',
  );
}
