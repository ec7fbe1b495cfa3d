import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '../../../../src/config/load-config.ts';
import { DEFAULT_HTTP_CLIENT_SETTINGS } from '../../../../src/settings/http-client-settings.ts';
import { formatAll } from '../problems-of.ts';

const GOOD = join(import.meta.dirname, '../good/sources-of-targets.yml');

/** The sources of a group of the good file, but for its static targets. */
function sourcesOf(group: string) {
  const unread = () => ({ kind: 'unreadable', why: 'ENOENT' }) as const;
  const result = parseConfig(readFileSync(GOOD, 'utf8'), '/etc/finrst/finrst.yml', unread);
  if (result.kind === 'invalid') throw new Error(formatAll(result.problems));
  const found = result.config.groups.find(({ name }) => name === group);
  return found?.sources.filter(({ kind }) => kind !== 'static');
}

test('files, beside the configuration or anywhere', () => {
  expect(sourcesOf('files')).toEqual([
    {
      kind: 'file',
      settings: {
        files: ['/etc/finrst/sd/*.json', '/etc/finrst/more-[0-9]?.yaml', '/etc/finrst/a.YML'],
        refreshIntervalMs: 1000,
        lingerMs: 86_400_000,
      },
    },
    { kind: 'file', settings: { files: ['/etc/finrst/b.json'], refreshIntervalMs: 300_000, lingerMs: 0 } },
  ]);
});

test('names', () => {
  const defaults = { refreshIntervalMs: 30_000, lingerMs: 120_000 };
  expect(sourcesOf('names')).toEqual([
    {
      kind: 'dns',
      settings: {
        names: ['_redis._tcp.payments.svc.cluster.local', '_amqp._tcp.payments.svc.'],
        type: 'SRV',
        port: null,
        ...defaults,
      },
    },
    { kind: 'dns', settings: { names: ['redis'], type: 'A', port: 6379, refreshIntervalMs: 10_000, lingerMs: 0 } },
    { kind: 'dns', settings: { names: ['redis'], type: 'AAAA', port: 6379, ...defaults } },
  ]);
});

test('servers', () => {
  const defaults = { headers: {}, refreshIntervalMs: 60_000, lingerMs: 0 };
  const client = DEFAULT_HTTP_CLIENT_SETTINGS;
  expect(sourcesOf('servers')).toEqual([
    { kind: 'http', settings: { url: 'http://inventory.example/targets?scope=payments', client, ...defaults } },
    {
      kind: 'http',
      settings: {
        url: 'https://inventory.example:8443/targets',
        client: {
          authentication: { kind: 'credentials', type: 'Bearer', credentialsFile: '/etc/finrst/token' },
          tls: { ...client.tls, serverName: 'inventory.example', minVersion: 'TLSv1.3' },
          followRedirects: false,
        },
        headers: { 'X-Scope': ['a', 'b'] },
        refreshIntervalMs: 86_400_000,
        lingerMs: 300_000,
      },
    },
    {
      kind: 'http',
      settings: {
        url: 'https://inventory.example/targets',
        client: {
          ...client,
          authentication: {
            kind: 'basic',
            username: '',
            usernameFile: '/etc/finrst/name',
            passwordFile: '/etc/finrst/password',
          },
        },
        ...defaults,
      },
    },
  ]);
});
