import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../../src/config/load-config.ts';
import { type HostConnection, hostPeers } from '../../../src/domain/observed/host-peers.ts';
import { foundOnHostJson, proposedConfig } from '../../../src/terminal/proposed-config.ts';

const java = (pid: number) => ({ pid, executable: 'java', pod: 'shop/web-0' });
const connection = (address: string, port: number, more: Partial<HostConnection> = {}): HostConnection => ({
  address,
  port,
  isCloseWait: false,
  owner: null,
  ...more,
});

const found = (connections: readonly HostConnection[], names: ReadonlyMap<string, string> = new Map()) => ({
  peers: hostPeers(connections, names),
  namespaces: 1,
  missing: [],
});

/** What the daemon reads of it. */
function targetsIn(lines: readonly string[]): readonly (readonly [string, readonly string[]])[] {
  const result = parseConfig(lines.join('\n'), 'f.yml', () => ({ kind: 'unreadable', why: 'ENOENT' }));
  if (result.kind === 'invalid') throw new Error(JSON.stringify(result.problems));
  expect(result.config.warnings).toEqual([]);
  return result.config.groups.map(({ name, isHeld, isObserved, sources }) => {
    expect([isHeld, isObserved]).toEqual([false, true]);
    return [
      name,
      sources.flatMap((source) => (source.kind === 'static' ? source.settings.flatMap((each) => each.targets) : [])),
    ];
  });
}

test('a group for each port, the peers with the most connections first, by name where there is one', () => {
  const lines = proposedConfig(
    found(
      [
        connection('192.0.2.7', 3306, { owner: java(12) }),
        connection('192.0.2.8', 3306, { owner: java(11), isCloseWait: true }),
        connection('192.0.2.8', 3306, { owner: java(11) }),
        connection('2001:db8::1', 443),
        connection('192.0.2.9', 3306, { owner: { pid: 7, executable: null, pod: null } }),
      ],
      new Map([
        ['192.0.2.7', 'db.example'],
        ['192.0.2.8', 'db.example'],
      ]),
    ),
  );
  expect(targetsIn(lines)).toEqual([
    ['port-3306', ['db.example:3306', '192.0.2.9:3306']],
    ['port-443', ['[2001:db8::1]:443']],
  ]);
  expect(lines[0]).toBe('# Processes of this host hold 5 connections to 3 peers, in 1 network namespace.');
  const text = lines.join('\n');
  expect(text).toContain(
    '# 3 connections, 1 that the peer has closed: 3 of java (pid 11, 12, pod shop/web-0); 192.0.2.7, 192.0.2.8\n',
  );
  expect(text).toContain('# 1 connection: 1 of a process (pid 7)\n');
  expect(text).toContain('# 1 connection: 1 of unknown processes');
});

test.each([
  'evil\n  - name: mine',
  'a\r- b',
  'a\u0085b',
  'a\u2028b',
  'a\u2029b',
  'a\u001b[2Jb',
  'a # b',
  '"\'{[&*!|>%@`',
  'a\0b',
  '\ud800',
])('a process that calls itself %j stays in its comment', (executable) => {
  const owner = { pid: 1, executable, pod: executable };
  const lines = proposedConfig({ ...found([connection('192.0.2.7', 1, { owner })]), missing: [executable] });
  expect(targetsIn(lines)).toEqual([['port-1', ['192.0.2.7:1']]]);
  expect(lines.join('\n').split(/[\n\r\u0085\u2028\u2029]/)).toHaveLength(lines.length);
  const { groups } = parse(lines.join('\n'), { version: '1.1' }) as { readonly groups: readonly object[] };
  expect(groups).toHaveLength(1);
});

test('without connections there is a configuration, too, and what was not seen is said', () => {
  const lines = proposedConfig({ peers: [], namespaces: 2, missing: ['the rest'] });
  expect(targetsIn(lines)).toEqual([]);
  expect(lines).toContain('# Not seen: the rest.');
});

test('of very many peers those with the most connections are proposed, and the JSON has all', () => {
  const connections = Array.from({ length: 5002 }, (_, index) => connection(`10.0.${index >> 8}.${index & 255}`, 80));
  const all = found([...connections, connection('10.9.9.9', 80), connection('10.9.9.9', 80)]);
  const lines = proposedConfig(all);
  const [[, targets] = ['', []]] = targetsIn(lines);
  expect([targets.length, targets[0]]).toEqual([5000, '10.9.9.9:80']);
  expect(lines).toContain('# Those with the most: 3 peers are left out.');
  expect((JSON.parse(foundOnHostJson(all)) as { readonly peers: readonly object[] }).peers).toHaveLength(5003);
});

test('many owners, processes and addresses of one peer are a short line', () => {
  const owners = Array.from({ length: 9 }, (_, index) => ({ pid: index, executable: `p${index % 5}`, pod: null }));
  const connections = owners.map((owner, index) => connection(`192.0.2.${index}`, 80, { owner }));
  const names = new Map(connections.map(({ address }) => [address, 'many.example']));
  const line = proposedConfig(found(connections, names)).find((each) => each.includes('many'));
  expect(line).toBe(
    '          - "many.example:80" # 9 connections: 2 of p0 (pid 0, 5); 2 of p1 (pid 1, 6); 2 of p2 (pid 2, 7); 2 more; 192.0.2.0, 192.0.2.1, 192.0.2.2, 192.0.2.3, 5 more',
  );
});

test('the JSON has what is known of each peer', () => {
  const connections = [connection('192.0.2.7', 80, { owner: java(3), isCloseWait: true }), connection('192.0.2.7', 80)];
  expect(JSON.parse(foundOnHostJson(found(connections, new Map([['192.0.2.7', 'web.example']]))))).toEqual({
    peers: [
      {
        target: 'web.example:80',
        name: 'web.example',
        addresses: ['192.0.2.7'],
        port: 80,
        connections: 2,
        close_wait: 1,
        owners: [{ executable: 'java', pod: 'shop/web-0', pids: [3], connections: 1 }],
        unknown_owners: 1,
      },
    ],
    namespaces: 1,
    missing: [],
  });
});
