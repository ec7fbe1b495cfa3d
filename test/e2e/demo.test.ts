import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock/system-clock.ts';
import { startDemoPeers } from '../../src/demo/start-demo-peers.ts';
import { scrape, startFinrst } from './finrst-process.ts';

test('the demo shows everything that it promises, in /metrics too', async () => {
  const { peers, stop } = await startDemoPeers(systemClock);
  stop();
  const demo = startFinrst(['demo', '--for=50s']);
  const [, url = ''] = await demo.prints(/^ {2}(http:\S+)\/metrics$/m);
  const promised = peers.flatMap(({ group, expected }) => (expected === null ? [] : [{ group, expected }]));
  expect(promised.length).toBeGreaterThanOrEqual(15);
  for (const { group, expected } of promised) {
    const [kind, reason = ''] = expected.split('/');
    const words = kind === 'local' ? 'closed by us after' : `\\S.*${expected}[: ]`;
    await demo.prints(new RegExp(`^\\S+  ${group} +${words}`, 'm'));
    const samples = await scrape(url);
    const seen = [...samples].filter(
      ([name, value]) => value > 0 && name.includes(`group="${group}"`) && name.includes(`reason="${reason}"`),
    );
    expect(
      seen.map(([name]) => name),
      `${group}: ${expected}`,
    ).not.toEqual([]);
  }
  const samples = await scrape(url);
  const others = [...samples].filter(([name, value]) => {
    const [, group = '', reason = ''] =
      /^finrst_(?:peer_disconnects|disconnects|connect_failures)_by_reason_total\{group="([^"]*)".*reason="([^"]*)"/.exec(
        name,
      ) ?? [];
    return value > 0 && !promised.some((promise) => promise.group === group && promise.expected.endsWith(`/${reason}`));
  });
  expect(others.filter(([name]) => name.includes('_by_reason_total'))).toEqual([]);
  const said = [...samples].flatMap(([name, value]) => {
    const [, group, when, goodbye] = /^finrst_goodbyes_total\{group="(.*)",when="(.*)",goodbye="(.*)"/.exec(name) ?? [];
    return value > 0 && group !== undefined ? [`${group} ${when} ${goodbye}`] : [];
  });
  expect(said).toEqual([
    'redis-is-full connect too_many_connections',
    'postgres-stops held admin_shutdown',
    'http2-reloads held going_away',
    'grpc-sends-away held slow_down',
    'mqtt-replaces held replaced',
    'nats-lame-duck held lame_duck',
    'ldap-stops held admin_shutdown',
    'cassandra-overloaded connect overloaded',
    'mongodb-stops held admin_shutdown',
    'http-loses-backend held overloaded',
    'websocket-restarts held admin_shutdown',
  ]);
  demo.child.kill('SIGINT');
  expect(await demo.exit).toBe(0);
  expect(demo.stderr()).toBe('');
  for (const { group, expected } of promised) {
    expect(demo.stdout()).toMatch(new RegExp(`^${group} +${expected} +${expected} [1-9]\\d*$`, 'm'));
  }
  expect(demo.stdout()).toMatch(/^stays-up +stays up +stayed up$/m);
  expect(demo.stdout()).toMatch(/^floods +stays up +stayed up$/m);
});

test('--for ends the demo by itself with exit 0, on the next port when one is taken', async () => {
  const first = startFinrst(['demo', '--for=20s']);
  const [, one] = await first.prints(/^ {2}http:\/\/127\.0\.0\.1:(\d+)\/metrics$/m);
  const second = startFinrst(['demo', '--for=1s']);
  const [, other] = await second.prints(/^ {2}http:\/\/127\.0\.0\.1:(\d+)\/metrics$/m);
  expect(Number(other)).toBeGreaterThan(Number(one));
  expect(await second.exit).toBe(0);
  expect(second.stdout()).toContain('EXPECTED');
  first.child.kill('SIGTERM');
  expect(await first.exit).toBe(0);
});
