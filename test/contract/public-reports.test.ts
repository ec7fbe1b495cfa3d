import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A fault that people reported of other software, what a truthful tool says of it, and what holds Finrst to that. */
type Report = {
  readonly source: string;
  readonly says: string;
  /** `lab ID`: a row of the truth lab. `FILE: WORDS`: a test of that file, or a sentence of that page, by words of it. */
  readonly heldBy: readonly string[];
};

const REPORTS: readonly Report[] = [
  {
    source: 'user timeout kills a peer that reads slowly (Cloudflare, "When TCP sockets refuse to die"; libudx #297)',
    says: 'retransmit_timeout, never a keepalive word',
    heldBy: [
      'lab W03',
      'lab W03b',
      'lab W04-1.2',
      'lab W04-1.3',
      'test/socket/closed-window.test.ts: a peer that never reads, until user_timeout ends it, is retransmit_timeout',
      'test/unit/domain/classify-disconnect.test.ts: whatever ended it, keepalive_timeout needs keepalive',
    ],
  },
  {
    source: 'a fatal alert and a reset back to back (netty #6818, envoy #13191)',
    says: 'the alert',
    heldBy: ['lab C54d', 'lab C55', 'test/socket/tls.test.ts: a fatal alert after the handshake is tls_alert'],
  },
  {
    source: 'many addresses over a slow path (nodejs/node #54359, #52216)',
    says: 'connected: no address is given up before the deadline of the attempt',
    heldBy: ['test/socket/addresses.test.ts: a silent address is left alone after 1 s, not given up', 'lab D06'],
  },
  {
    source: 'a limit of a box that says nothing (Tenable, "Lessons from AWS NLB Timeouts")',
    says: 'how to find it: keepalive above the limit dies, below it lives',
    heldBy: ['lab C31', 'docs/idle-limits.md: Ask after a silence of a known length instead'],
  },
  {
    source: 'a proxy without a backend answers 503 (headroom #740, nginx_upstream_check_module #255)',
    says: 'no answer',
    heldBy: ['test/servers/haproxy.ts: HTTP/1.1 200', "docs/servers.md: expect: 'HTTP/1.1 200'"],
  },
  {
    source: 'a write stalls because the path is dead (nats-server #2631, rabbitmq-java-client #341)',
    says: 'write_stalled, by the path',
    heldBy: ['lab W05', 'test/unit/domain/stalled-by.test.ts: what we sent is being sent again'],
  },
  {
    source: 'a box without our entry answers with a reset from somewhere else (kubernetes #74839, #117924)',
    says: 'reset, once, after our packet',
    heldBy: ['lab C32'],
  },
  {
    source: 'a reset that our own packet provoked (kube-router #521, kubelb #539, moby #31208)',
    says: 'reset after the silence before that packet',
    heldBy: [
      'lab C32',
      'test/socket/silence.test.ts: a reset that our heartbeat provoked: quiet is the silence before that heartbeat',
    ],
  },
  {
    source: 'only our direction is dead, the peer still pushes (kubernetes #94861, cockroach #115833)',
    says: 'no_reply: what was never acknowledged cannot have been answered',
    heldBy: ['lab P01b', 'lab P03d', 'test/socket/deadlines.test.ts: bytes that cross a heartbeat'],
  },
  {
    source: 'look-ups of dead names keep others out (nodejs/node #8436, #62503)',
    says: 'a name of the hosts file connects; a wait of ours is no fault of the resolver',
    heldBy: [
      'lab M04',
      'lab M05',
      'test/unit/connections/dial/name-lookup.test.ts: a name of the hosts file has a place',
    ],
  },
  {
    source: 'the next attempt comes later than announced (websockets #704, pipecat #4723)',
    says: 'retry_in_s is when it begins',
    heldBy: ['lab A06'],
  },
  {
    source: 'a frozen process behind a live kernel (kubernetes #103632)',
    says: 'down, with backoff',
    heldBy: ['lab A01', 'lab A01-tls', 'lab A06', 'docs/alerts.md: ## FinrstPeerDown'],
  },
  {
    source: 'only full packets are lost (golang/go #80573, openssl #27557)',
    says: 'retransmit_timeout or no_reply for what is large, nothing for what is small',
    heldBy: ['lab P03', 'lab P03b', 'lab P03c'],
  },
  {
    source: 'an idle FIN crosses our heartbeat (nodejs/node #20256, remote_syslog #39)',
    says: 'eof/fin, once',
    heldBy: ['test/soak/fault.ts: FIN_RST', 'test/servers/nginx.ts: keepalive_timeout 1s'],
  },
  {
    source: 'counters that do not begin at 0 (prom-client #63, prometheus #3886)',
    says: 'every series at 0 before the first end',
    heldBy: ['test/unit/sinks/metrics/peer-series.test.ts: has its counters and established timestamp at 0'],
  },
  {
    source: 'our own link goes down with data under way (ics-openvpn #765, dsvpn #30)',
    says: 'network_unreachable where the retransmission finds no route, else a timeout, and the page says both',
    heldBy: ['lab C37', 'lab H05', 'lab H07', 'docs/reasons.md: a lost route is `network_unreachable` [H05]'],
  },
  {
    source: 'one of two addresses is dead (corefx #29792, okhttp #506)',
    says: 'which address failed, in the line of the connection',
    heldBy: ['lab D08', 'lab D06', 'test/socket/addresses.test.ts: any still pending at the deadline'],
  },
  {
    source: 'an expired root beside a chain that verifies (blackbox_exporter #340, #589, #628, #1047)',
    says: 'the end of the chain that counts',
    heldBy: ['test/socket/tls.test.ts: where an expired cross-signed root is sent behind a chain that verifies'],
  },
  {
    source: 'own output dropped for a moment, and healed (firewalld #369)',
    says: 'keepalive_timeout for a later death in silence',
    heldBy: ['lab H02', 'lab H04b'],
  },
  {
    source: 'a goodbye in the words of the protocol, then FIN (grpc-go #5063, grpc-java #5188)',
    says: 'eof/fin, with the silence before the goodbye',
    heldBy: ['test/socket/silence.test.ts: a goodbye, then FIN'],
  },
  {
    source: 'a renegotiation in mid-connection (envoy #3551, bc-java #593, lib60870 #118)',
    says: 'nothing',
    heldBy: ['test/socket/tls.test.ts: asks for a new handshake'],
  },
  {
    source: 'this host drops its own packets (calico #6509)',
    says: 'no_reply, with the bytes that were never acknowledged, and a page that says whose fault that is',
    heldBy: ['lab H01c', 'lab H04', 'docs/reasons.md: does not rise where this host itself drops what it sends'],
  },
  {
    source: 'the planned recycle meets a dead server (HikariCP #1386)',
    says: 'down since the close',
    heldBy: [
      'test/unit/domain/steps/next-step.test.ts: from our own close where the attempt that follows it fails',
      'test/unit/sinks/metrics/group-series.test.ts: how long the peer was down',
    ],
  },
];

function filesUnder(folder: string): readonly string[] {
  return readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`);
}

const labSources = filesUnder('test/lab')
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(`${ROOT}${file}`, 'utf8'))
  .join('\n');

/** A row's id stands in quotes; those that run over TLS as well are made from one. */
function isRow(id: string): boolean {
  return labSources.includes(`'${id}'`) || (id.endsWith('-tls') && isRow(id.slice(0, -'-tls'.length)));
}

function isHeld(by: string): boolean {
  if (by.startsWith('lab ')) return isRow(by.slice('lab '.length));
  const colon = by.indexOf(': ');
  return readFileSync(`${ROOT}${by.slice(0, colon)}`, 'utf8').includes(by.slice(colon + 2));
}

describe('what the public reported of others', () => {
  test.each(REPORTS)('$source: $says', ({ heldBy }) => {
    expect(heldBy.filter((by) => !isHeld(by))).toEqual([]);
  });
});
