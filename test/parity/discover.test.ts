import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { TargetStatus } from '../../src/domain/target-state.ts';
import { lackOf } from '../deploy/lack-of.ts';
import { buildPrometheus3, PROMETHEUS_3_BUILD_MS, PROMETHEUS_3_NEEDS } from '../deploy/prometheus-3.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { NameServerRequest } from './name-server.ts';

const run = promisify(execFile);
const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const FINRST = [process.execPath, pathOf('../../scripts/launch.cjs'), pathOf('../../src/main.ts')];

/** A target of either program, in the same words: null where a rule dropped it. */
type Target = {
  readonly discovered: Readonly<Record<string, string>>;
  readonly kept: {
    readonly address: string;
    readonly peer: string;
    readonly labels: Readonly<Record<string, string>>;
  } | null;
};

/** One entry of `promtool check service-discovery`. */
type PromtoolTarget = {
  readonly discoveredLabels: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
};

/** What Prometheus adds to each target because it scrapes: docs/command-line.md says so. */
const OF_SCRAPES = /^(?:job|__scheme__|__metrics_path__|__scrape_\w+__|__always_\w+__|__convert_\w+__)$/;

function fromPromtool(output: string): readonly Target[] {
  const targets = JSON.parse(output) as readonly PromtoolTarget[] | null;
  return (targets ?? []).map(({ discoveredLabels, labels }) => {
    const { instance, peer, __address__: address = '', ...rest } = labels;
    return {
      discovered: labelsOf(discoveredLabels, ([name]) => !OF_SCRAPES.test(name)),
      kept:
        instance === undefined
          ? null
          : {
              address,
              peer: peer ?? instance,
              labels: labelsOf(rest, ([name]) => !OF_SCRAPES.test(name) && !name.startsWith('__')),
            },
    };
  });
}

function fromFinrst(output: string): readonly Target[] {
  const { targets } = JSON.parse(output) as { readonly targets: readonly TargetStatus[] };
  return targets.map(({ discovered, state, peer = '', address = '', labels = {} }) => {
    expect(['active', 'dropped']).toContain(state);
    return { discovered, kept: state === 'dropped' ? null : { address, peer, labels } };
  });
}

function labelsOf(labels: Readonly<Record<string, string>>, isWanted: (entry: readonly [string, string]) => boolean) {
  return Object.fromEntries(Object.entries(labels).filter(([name, value]) => value !== '' && isWanted([name, value])));
}

function addressOf({ __address__ = '' }: Target['discovered']): Target['discovered'] {
  return { __address__ };
}

/** In an order that neither program chose; labels by name. */
function sorted(targets: readonly Target[]): readonly string[] {
  return targets.map((target) => JSON.stringify(target, byName)).toSorted();
}

function byName(_key: string, value: unknown): unknown {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isMap ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))) : value;
}

/** promtool takes what came until then, always so long. */
const PROMTOOL_LISTENS = '5s';

/** The same source and rules for both. */
function writeConfigs(folder: string, source: Readonly<Record<string, unknown>>, rules: readonly unknown[]) {
  const files = { promtool: join(folder, 'prometheus.yml'), finrst: join(folder, 'finrst.yml') };
  const entry = { ...source, relabel_configs: rules };
  writeFileSync(files.promtool, JSON.stringify({ scrape_configs: [{ job_name: 'j', ...entry }] }));
  writeFileSync(files.finrst, JSON.stringify({ groups: [{ name: 'g', ...entry }] }));
  return {
    promtool: ['check', 'service-discovery', `--timeout=${PROMTOOL_LISTENS}`, files.promtool, 'j'],
    finrst: ['discover', '--json', '--for=30s', files.finrst],
  };
}

const RULES = [
  { source_labels: ['role'], regex: 'replica|standby', action: 'drop' },
  { source_labels: ['env'], regex: 'prod.*|', action: 'keep' },
  { source_labels: ['__address__'], regex: '([^:]+):(\\d+)', target_label: 'port', replacement: '${2}' },
  { source_labels: ['__address__', 'env'], target_label: 'slot', modulus: 8, action: 'hashmod' },
  { regex: '__meta_(dns_name|filepath|url)', replacement: 'from_$1', action: 'labelmap' },
  { source_labels: ['pod'], regex: '(.+)-(\\d+)', target_label: 'peer', replacement: '$1/$2' },
  { source_labels: ['team'], target_label: 'team', action: 'uppercase' },
  { regex: 'secret_.*', action: 'labeldrop' },
];

const TARGETS = [
  { targets: ['redis-0.example:6379', '10.0.0.7:6380', '[2001:db8::1]:6381'], labels: { team: 'straße', env: 'prod' } },
  { targets: ['redis-1.example:6379'], labels: { role: 'replica', env: 'prod' } },
  { targets: ['redis-2.example:6379'], labels: { env: 'test' } },
  { targets: ['redis-3.example:6379'], labels: { pod: 'cache-3', secret_word: 'x', env: 'production' } },
  { targets: ['redis-4.example:6379'], labels: { role: '' } },
  { targets: [], labels: {} },
];

const PROMTOOLS = [
  {
    name: 'the promtool of this machine',
    lack: lackOf(['promtool']),
    // promtool 2.42 writes labels that rules set or drop over those of before.
    hasDiscovered: false,
    find: async () => 'promtool',
  },
  {
    name: 'promtool of Prometheus 3',
    lack: lackOf(PROMETHEUS_3_NEEDS),
    hasDiscovered: true,
    find: async () => (await buildPrometheus3()).promtool,
  },
];

describe.each(PROMTOOLS)('finrst discover --json finds what $name finds', ({ find, lack, hasDiscovered }) => {
  const compare = async (source: Readonly<Record<string, unknown>>) => {
    const args = writeConfigs(temporaryFolder(), source, RULES);
    const [node = '', ...launcher] = FINRST;
    const theirs = fromPromtool((await run(await find(), args.promtool)).stdout);
    const ours = fromFinrst((await run(node, [...launcher, ...args.finrst])).stdout);
    const comparable = (targets: readonly Target[]) =>
      sorted(
        hasDiscovered ? targets : targets.map(({ kept, discovered }) => ({ kept, discovered: addressOf(discovered) })),
      );
    expect(comparable(ours)).toEqual(comparable(theirs));
    return ours;
  };

  test.skipIf(lack.skip)(
    `file_sd_configs, JSON and YAML${lack.note}`,
    async () => {
      const folder = temporaryFolder();
      writeFileSync(join(folder, 'a.json'), JSON.stringify(TARGETS));
      writeFileSync(
        join(folder, 'b.yml'),
        "- targets: ['y.example:1']\n  labels: {env: production, at: 2026-01-01, n: 1.50}\n",
      );
      const json = await compare({ file_sd_configs: [{ files: [join(folder, '*.json')] }] });
      expect(json.filter(({ kept }) => kept === null)).toHaveLength(2);
      expect(json.filter(({ kept }) => kept?.peer === 'cache/3')).toHaveLength(1);
      const yaml = await compare({ file_sd_configs: [{ files: [join(folder, 'b.yml')] }] });
      expect(yaml).toHaveLength(1);
    },
    PROMETHEUS_3_BUILD_MS,
  );

  test.skipIf(lack.skip)(
    `http_sd_configs${lack.note}`,
    async () => {
      const server = createServer((request, response) => {
        const isAllowed = request.headers.authorization === `Basic ${Buffer.from('u:p').toString('base64')}`;
        response.writeHead(isAllowed ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify(TARGETS));
      });
      server.listen(0, '127.0.0.1');
      onTestFinished(() => void server.close());
      await once(server, 'listening');
      const password = join(temporaryFolder(), 'password');
      writeFileSync(password, 'p\n');
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/targets`;
      const entry = { url, basic_auth: { username: 'u', password_file: password } };
      expect(await compare({ http_sd_configs: [entry] })).toHaveLength(7);
    },
    PROMETHEUS_3_BUILD_MS,
  );
});

/** The promtool that is built for these tests has no DNS. */
const dnsLack = lackOf(['root', 'promtool', 'unshare', 'ip', 'mount']);

/** Two programs, one after the other; a machine that does other things takes minutes. */
const DNS_MS = 300_000;

describe.skipIf(dnsLack.skip)(`dns_sd_configs give what promtool finds${dnsLack.note}`, () => {
  const RECORDS: NameServerRequest['records'] = [
    { name: '_redis._tcp.svc.test', type: 'SRV', target: 'redis-0.svc.test', port: 6379 },
    { name: '_redis._tcp.svc.test', type: 'SRV', target: 'Redis-1.svc.test', port: 6380 },
    { name: 'redis.svc.test', type: 'A', address: '10.0.0.7' },
    { name: 'redis.svc.test', type: 'A', address: '10.0.0.8' },
    { name: 'redis.svc.test', type: 'AAAA', address: '2001:db8:0:0:0:0:0:1' },
  ];
  const ENTRIES = [
    { names: ['_redis._tcp'], type: 'SRV', targets: 2 },
    { names: ['redis.svc.test', 'no-such-name'], type: 'A', port: 6379, targets: 2 },
    { names: ['redis'], type: 'AAAA', port: 6379, targets: 1 },
    // The name is there, and has no records of this type.
    { names: ['redis'], type: 'SRV', targets: 0 },
  ];

  test.each(ENTRIES)(
    '$type of $names, along the search list',
    ({ targets, ...entry }) => {
      const folder = temporaryFolder();
      const resolvConf = join(folder, 'resolv.conf');
      writeFileSync(resolvConf, 'nameserver 127.0.0.1\nsearch none.test svc.test\noptions ndots:2 timeout:1\n');
      const args = writeConfigs(folder, { dns_sd_configs: [entry] }, RULES);
      const commands = [
        ['promtool', ...args.promtool],
        [...FINRST, ...args.finrst],
      ];
      const request = JSON.stringify({ records: RECORDS, commands } satisfies NameServerRequest);
      const nameServer = [process.execPath, pathOf('name-server.ts'), resolvConf, request];
      const output = execFileSync('unshare', ['-mn', ...nameServer], { encoding: 'utf8' });
      const [theirs = '', ours = ''] = JSON.parse(output) as readonly string[];
      expect(sorted(fromFinrst(ours))).toEqual(sorted(fromPromtool(theirs)));
      expect(fromFinrst(ours)).toHaveLength(targets);
    },
    DNS_MS,
  );
});
