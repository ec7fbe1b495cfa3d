import { describe, expect, test } from 'vitest';
import type { DnsAnswer, DnsRecord } from '../../../../src/discovery/dns/dns-records.ts';
import { DnsSource } from '../../../../src/discovery/dns/dns-source.ts';
import type { SourceUpdate } from '../../../../src/discovery/peer-source.ts';
import type { DnsSettings } from '../../../../src/settings/dns-settings.ts';
import { createFakeClock, settled } from '../../../support/fake-clock.ts';
import { sourceContext } from '../../../support/source-context.ts';

const a = (address: string): DnsRecord => ({ type: 'A', address });
const srv = (target: string, port: number): DnsRecord => ({ type: 'SRV', target, port });
const records = (...found: DnsRecord[]): DnsAnswer => ({ kind: 'records', records: found });
const NO_SUCH_NAME: DnsAnswer = { kind: 'noSuchName' };
const failed = (code: string): DnsAnswer => ({ kind: 'failed', code });

/** A name server that the test writes; what it does not know is no name. `null` never answers. */
function startSource(zone: Record<string, DnsAnswer | null>, settings: Partial<DnsSettings> = {}, resolvConf = '') {
  const clock = createFakeClock();
  const asked: string[] = [];
  const updates: SourceUpdate[] = [];
  let resolvers = 0;
  let resolv = resolvConf;
  const source = new DnsSource(
    { names: ['redis'], type: 'A', port: 6379, refreshIntervalMs: 30_000, lingerMs: 0, ...settings },
    sourceContext({
      clock,
      readFile: async (path) =>
        path === '/etc/resolv.conf' && resolv !== ''
          ? { kind: 'read', bytes: Buffer.from(resolv) }
          : { kind: 'unreadable', why: 'ENOENT' },
    }),
    () => {
      resolvers += 1;
      const closed = Promise.withResolvers<DnsAnswer>();
      return {
        ask: async (name, type) => {
          asked.push(`${name} ${type}`);
          const answer = zone[name];
          return answer === null ? closed.promise : (answer ?? NO_SUCH_NAME);
        },
        close: () => closed.resolve(failed('ECANCELLED')),
      };
    },
  );
  source.start((update) => updates.push(update));
  const looked = async () => {
    for (let turn = 0; turn < 10; turn += 1) await settled();
  };
  return {
    clock,
    source,
    zone,
    asked,
    looked,
    after: async (ms: number) => {
      clock.advance(ms);
      await looked();
    },
    setResolvConf(text: string) {
      resolv = text;
    },
    resolvers: () => resolvers,
    published: () => updates.splice(0),
  };
}

async function published(zone: Record<string, DnsAnswer | null>, settings: Partial<DnsSettings> = {}, resolvConf = '') {
  const started = startSource(zone, settings, resolvConf);
  await started.looked();
  return started.published();
}

const set = (source: string, ...addresses: string[]) => ({
  source,
  targets: addresses.map((address) => ({ __address__: address })),
  labels: { __meta_dns_name: source },
});
const REFRESHED = { kind: 'refreshed', tookMs: 0 };
const SYNCED = { kind: 'synced' };
const groups = (...sets: unknown[]) => ({ kind: 'groups', groups: sets });

test('addresses become targets with the port of the entry, each once, in one order', async () => {
  expect(await published({ redis: records(a('10.0.0.2'), a('10.0.0.1'), a('10.0.0.2')) })).toEqual([
    groups(set('redis', '10.0.0.1:6379', '10.0.0.2:6379')),
    REFRESHED,
    SYNCED,
  ]);
});

test('IPv6 addresses get brackets', async () => {
  const zone = { redis: records({ type: 'AAAA', address: '2001:db8::1' }) };
  const [update] = await published(zone, { type: 'AAAA' });
  expect(update).toEqual(groups(set('redis', '[2001:db8::1]:6379')));
});

test('SRV records carry the port; the record is there as labels, with its final dot; a target of "." is none', async () => {
  const zone = { redis: records(srv('B.test', 2), srv('a.test.', 1), srv('.', 9), srv('', 9), srv('c.test', 0)) };
  const [update] = await published(zone, { type: 'SRV', port: null });
  const target = (host: string, port: number) => ({
    __address__: `${host}:${port}`,
    __meta_dns_srv_record_target: `${host}.`,
    __meta_dns_srv_record_port: `${port}`,
  });
  expect(update).toEqual(
    groups({
      source: 'redis',
      targets: [target('B.test', 2), target('a.test', 1), target('c.test', 0)],
      labels: { __meta_dns_name: 'redis' },
    }),
  );
});

test('400 records are 400 targets', async () => {
  const many = Array.from({ length: 400 }, (_, index) => a(`10.0.${index >> 8}.${index & 255}`));
  const [update] = await published({ redis: records(...many) });
  expect(update?.kind === 'groups' && update.groups[0]?.targets.length).toBe(400);
});

describe('along the search list', () => {
  const SEARCH = 'search x.test y.test\noptions ndots:2\n';
  test.each([
    [
      'the first domain that answers counts',
      { 'redis.x.test': records(a('1.1.1.1')), redis: records(a('9.9.9.9')) },
      ['1.1.1.1:6379'],
    ],
    ['the next one is asked where there is no such name', { 'redis.y.test': records(a('2.2.2.2')) }, ['2.2.2.2:6379']],
    ['the name itself comes last', { redis: records(a('3.3.3.3')) }, ['3.3.3.3:6379']],
    ['an empty answer is an answer', { 'redis.x.test': records(), 'redis.y.test': records(a('2.2.2.2')) }, []],
    ['no such name anywhere means no targets', {}, []],
    [
      'a failure does not hide an answer elsewhere',
      { 'redis.x.test': failed('ESERVFAIL'), redis: records(a('3.3.3.3')) },
      ['3.3.3.3:6379'],
    ],
  ])('%s', async (_, zone, addresses) => {
    expect(await published(zone, {}, SEARCH)).toEqual([groups(set('redis', ...addresses)), REFRESHED, SYNCED]);
  });

  test.each([
    ['ESERVFAIL', 'SERVFAIL from the name servers'],
    ['EREFUSED', 'REFUSED by the name servers'],
    ['ETIMEOUT', 'no answer from the name servers'],
    ['ECONNREFUSED', 'no name server listens'],
    ['ESTRANGE', 'ESTRANGE'],
  ])('%s, with no answer elsewhere, is a failure', async (code, words) => {
    expect(await published({ 'redis.y.test': failed(code) }, {}, SEARCH)).toEqual([
      { kind: 'failed', why: `redis: ${words} for redis.y.test`, place: null, tookMs: 0 },
    ]);
  });

  test('a final dot asks for that name alone', async () => {
    const started = startSource({}, { names: ['redis.'] }, SEARCH);
    await started.looked();
    expect(started.asked).toEqual(['redis A']);
  });

  test('resolv.conf is read anew, and a resolver opened, at each refresh', async () => {
    const { looked, after, asked, setResolvConf, resolvers } = startSource({}, {}, SEARCH);
    await looked();
    asked.length = 0;
    setResolvConf('search z.test\n');
    await after(30_000);
    expect(asked).toEqual(['redis.z.test A', 'redis A']);
    expect(resolvers()).toBe(2);
  });
});

test('one name that fails keeps its targets, and the other one goes on', async () => {
  const zone: Record<string, DnsAnswer | null> = { one: records(a('1.1.1.1')), two: records(a('2.2.2.2')) };
  const { looked, after, published: updates } = startSource(zone, { names: ['one', 'two'] });
  await looked();
  updates();
  zone['one'] = failed('ESERVFAIL');
  zone['two'] = records(a('2.2.2.3'));
  await after(30_000);
  expect(updates()).toEqual([
    groups(set('two', '2.2.2.3:6379')),
    { kind: 'failed', why: 'one: SERVFAIL from the name servers for one', place: null, tookMs: 0 },
  ]);
  zone['two'] = failed('EREFUSED');
  await after(30_000);
  expect(updates()).toEqual([
    { kind: 'failed', why: 'one: SERVFAIL from the name servers for one (and 1 more names)', place: null, tookMs: 0 },
  ]);
  zone['one'] = NO_SUCH_NAME;
  zone['two'] = NO_SUCH_NAME;
  await after(30_000);
  expect(updates()).toEqual([groups(set('one'), set('two')), REFRESHED]);
});

test('a refresh that takes longer than half a minute is given up; the next one comes when it is due', async () => {
  const zone: Record<string, DnsAnswer | null> = { redis: null };
  const { looked, after, published: updates } = startSource(zone, {}, 'search x.test\n');
  await looked();
  await after(29_999);
  expect(updates()).toEqual([]);
  await after(1);
  expect(updates()).toEqual([
    { kind: 'failed', why: 'redis: no answer from the name servers in time for redis', place: null, tookMs: 30_000 },
  ]);
  zone['redis'] = records(a('1.1.1.1'));
  await after(0);
  expect(updates()).toMatchObject([{ kind: 'groups' }, { kind: 'refreshed' }, SYNCED]);
});

test('after stop nothing is published, nothing waits', async () => {
  const { clock, source, looked, after, published: updates } = startSource({ redis: null });
  await looked();
  source.stop();
  await looked();
  await after(120_000);
  expect(updates()).toEqual([]);
  expect(clock.pending).toBe(0);
});
