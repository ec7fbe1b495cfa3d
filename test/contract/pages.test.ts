import { describe, expect, test } from 'vitest';
import type { FinrstEvent } from '../../src/domain/events/finrst-event.ts';
import type { IncidentChanged } from '../../src/domain/events/incident-event.ts';
import type { PeerTarget } from '../../src/domain/peer-target.ts';
import { WORD_GROUPS } from '../../src/explanations/explained-words.ts';
import { failureWords } from '../../src/explanations/reason-words.ts';
import { KNOWN_LIMITS } from '../../src/explanations/known-limits.ts';
import { GOODBYE_GROUP } from '../../src/explanations/goodbye-words.ts';
import { HINT_GROUP } from '../../src/explanations/hint-words.ts';
import { capital, figure } from '../../src/web/pages/page-parts.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { peerSettings } from '../support/peer-settings.ts';
import {
  connectedEvent,
  connectFailedEvent,
  disconnectedEvent,
  explainedEvent,
  incidentEvent,
  localClosedEvent,
} from '../support/sample-finrst-events.ts';
import { startWeb, type WebOverrides } from '../support/web-under-test.ts';

const { at, peer } = connectedEvent;
const facts = { labels: { team: 'a' }, tls: true, expectsAnswer: false, canAnnounce: false, host: 'h', port: 1 };
const added = { type: 'peerAdded', at, peer, facts } as const;
const { announced: _announced, ...explained } = { announced: '', ...explainedEvent };
const ofIncident = { ...explained, by: 'incident', incident: incidentEvent.id, endedAt: at } as FinrstEvent;
const server = { subject: 'CN=redis, O=Example', issuer: 'CN=Example CA', notBefore: at, notAfter: at + 86_400_000 };
const tls = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', isResumed: false, isVerified: true, server };
const life: readonly FinrstEvent[] = [
  added,
  { ...connectFailedEvent, detail: 'nothing listens there' },
  { ...connectedEvent, tls, certificate: { expiresAt: server.notAfter, readAt: at } },
  { ...disconnectedEvent, hint: { name: 'path_dead' } },
  incidentEvent,
  ofIncident,
];
const PEER = '/peer?group=payments-redis&peer=redis-0.payments%3A6379';
const target: PeerTarget = {
  settings: peerSettings(6379),
  source: '/etc/targets.json:0',
  state: 'active',
  announced: null,
  duplicates: 0,
};
const page = async (path: string, overrides: WebOverrides = {}) => {
  await using web = await startWeb({ events: life, ...overrides });
  return await web.get(path);
};
const shownOf = (text: string): string =>
  text
    .replaceAll(/<svg[^]*?<\/svg>|<[^>]*>/g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&#39;', "'");
const serving = (functions: NonNullable<WebOverrides['functions']>): WebOverrides => ({ functions });

test.each([
  '/',
  '/?view=all&sort=end',
  PEER,
  '/incidents',
  `/incidents/${incidentEvent.id}`,
  '/peer?group=a&peer=b',
  '/incidents/none',
  '/words',
  '/words/reset',
  '/words/none',
])('%s loads and runs nothing but what is of this server, and is not kept', async (path) => {
  const { headers, text } = await page(path);
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  expect(headers['content-security-policy']).toMatch(
    /^default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self';/,
  );
  expect(headers['content-security-policy']).not.toContain('unsafe');
  expect(headers['cache-control']).toBe('no-store');
  expect(headers['referrer-policy']).toBe('no-referrer');
  expect(text).not.toMatch(
    /<script(?! src="\/assets\/finrst\.js\?[^"]*" defer><\/script>)|<style| style=| on\w+="|https?:\/\//,
  );
  expect(text).toContain('<link rel="stylesheet" href="/assets/finrst.css"');
});

test('the style sheet, the script and the icon are there', async () => {
  const { status, headers, text } = await page('/assets/finrst.css');
  expect([status, headers['content-type']]).toEqual([200, 'text/css; charset=utf-8']);
  expect(text).not.toMatch(/url\(|@import/);
  const script = await page('/assets/finrst.js');
  expect([script.status, script.headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8']);
  expect(script.headers['content-security-policy']).toContain("connect-src 'self'");
  const icon = await page('/assets/icon.svg');
  expect([icon.status, icon.headers['content-type']]).toEqual([200, 'image/svg+xml; charset=utf-8']);
});

test('a column of names is sorted from the first one on, figures from the greatest', async () => {
  const { text } = await page('/?view=all');
  expect(text).toContain('sort=name&amp;order=asc');
  expect(text).not.toContain('sort=rtt&amp;order=asc');
  expect((await page('/?view=all&sort=name&order=asc')).text).toContain('href="/?view=all&amp;sort=name"');
});

test('times are ages or instants, and a link turns that round and keeps what is set', async () => {
  const ages = await page('/?view=all&sort=name&also=1');
  expect(ages.text).toContain('<body class="">');
  expect(ages.text).toContain('href="/?view=all&amp;sort=name&amp;times=absolute">show absolute times</a>');
  const instants = await page('/?view=all&sort=name&times=absolute');
  expect(instants.text).toContain('<body class="absolute">');
  expect(instants.text).toContain('href="/?view=all&amp;sort=name">show how long ago</a>');
  expect(instants.text).toContain('href="/?view=all&amp;sort=rtt&amp;times=absolute"');
  expect(instants.text).toContain('<input type="hidden" name="times" value="absolute"');
  expect((await page(`${PEER}&times=absolute`)).text).toContain('<body class="absolute">');
  expect((await page('/?times=x')).status).toBe(400);
});

test('links, style sheet and script follow the external URL', async () => {
  const settings = { externalUrl: 'https://ops.example/tools/finrst', routePrefix: '/' };
  const { text } = await page(`/incidents/${incidentEvent.id}`, { settings });
  expect(text).toContain('href="/tools/finrst/assets/finrst.css"');
  expect(text).toContain('src="/tools/finrst/assets/finrst.js?');
  expect(text).toContain('href="/tools/finrst/peer?group=payments-redis&amp;peer=redis-0.payments%3A6379"');
});

describe('the bar', () => {
  const fine = {
    stallMs: 4,
    kernelEvidence: true,
    hostDrops: 0,
    spans: { exported: 41_233, failed: 0, dropped: 0, suppressed: 0 },
    configSha256: '3f9a2c71e04b',
    configLoadedAt: at,
    isConfigRefused: false,
  };

  test('says how this process does, and is quiet while it is fine', async () => {
    const { text } = await page('/incidents', serving({ health: () => fine }));
    const bar = text.slice(text.indexOf('class="self"'), text.indexOf('</header>')).replaceAll(/\s+/g, ' ');
    for (const shown of ['event loop <b>4 ms</b>', 'kernel evidence <b>yes</b>', 'host drops <b>0</b>'])
      expect(bar).toContain(shown);
    expect(bar).toContain('spans lost <b>0</b>');
    expect(bar).toContain('3f9a2c71e04b</a>');
    expect(bar).toContain('this process <b>healthy</b>');
    expect(bar).not.toContain('class="bad"');
  });

  test.each([
    [{ stallMs: 2500 }, 'event loop <b>2.5 s</b>', 'This process was held up for 2.5 s in the last hour'],
    [{ hostDrops: 12 }, 'host drops <b>12</b>', 'This host dropped 12 packets in the last hour'],
    [{ kernelEvidence: false }, 'kernel evidence <b>no</b>', null],
    [{ spans: { ...fine.spans, failed: 2, dropped: 1 } }, 'spans lost <b>3</b>', null],
    [{ isConfigRefused: true }, 'reload refused, still config', null],
  ])(
    'makes what is not fine bold, and the headline begins with what may be our fault: %#',
    async (more, bad, fault) => {
      const { text } = await page('/', serving({ health: () => ({ ...fine, ...more }) }));
      const shown = text.replaceAll(/\s+/g, ' ');
      expect(/class="bad">([^]*?)<\/li>/.exec(shown)?.[1]).toContain(bad);
      expect(shown).not.toContain('<b>healthy</b>');
      const verdict = shown.slice(shown.indexOf('class="verdict'), shown.indexOf('<h1'));
      expect(/class="own">([^<]*)/.exec(verdict)?.[1] ?? null).toBe(
        fault === null ? null : `${fault}: what follows may be its fault.`,
      );
    },
  );
});

describe('the page of a peer', () => {
  test('says how it ended, with all evidence, how it connected, and who it is', async () => {
    const { status, text } = await page(PEER, serving({ targetOf: () => target }));
    expect(status).toBe(200);
    for (const words of [
      'error/reset',
      'ECONNRESET',
      'what we sent was not acknowledged',
      'unread data, a firewall or balancer',
      'finrst explain error/reset',
      `/incidents/${incidentEvent.id}"`,
      'tcp/refused',
      'ECONNREFUSED',
      'nothing listens there',
      'CN=redis, O=Example',
      'CN=Example CA',
      'TLS_AES_256_GCM_SHA384',
      'team=a',
      '/etc/targets.json:0',
      'this process; there are no shards',
      'keepalive.idle',
    ])
      expect(text).toContain(words);
  });

  test('has the whole section of its last reason, with its own address in the commands', async () => {
    const { text } = await page(PEER);
    const shown = shownOf(text.slice(text.indexOf('id="book-reset"')));
    for (const words of [
      'What happened. A RST arrived: ECONNRESET.',
      'What it usually means.',
      'How to check.',
      'What to do.',
    ])
      expect(shown).toContain(words);
    expect(shown).toContain(`host ${connectedEvent.remote.address} and port ${connectedEvent.remote.port} and`);
    expect(shown).not.toMatch(/\bPEER\b|\[C\d/);
  });

  test('says since when it is down, whatever it tries, and within what time it was back each time', async () => {
    const end = { ...disconnectedEvent, at: at + 60_000 };
    const again = { ...connectedEvent, at: at + 61_200 };
    const tries: FinrstEvent = { type: 'stateEntered', at: at + 60_900, peer, from: 'backoff', state: 'connecting' };
    const down = shownOf((await page(PEER, { events: [added, connectedEvent, end, tries] })).text);
    expect(down).toMatch(/State down for \d/);
    expect(down).not.toContain('back within');
    const since = (await page(PEER, { events: [added, connectedEvent, end, tries] })).text;
    expect(since).toContain(`for <time class="age" datetime="${new Date(end.at).toISOString()}"`);
    const events = [added, connectedEvent, end, again, { ...end, at: at + 90_000 }, { ...again, at: at + 90_400 }];
    expect(shownOf((await page(PEER, { events })).text)).toContain('back within 1.2 s each time');
    const downAgain = shownOf((await page(PEER, { events: [...events, { ...end, at: at + 95_000 }] })).text);
    expect(downAgain).not.toContain('back within');
    const first = [added, { ...connectFailedEvent, at: at - 500 }, connectedEvent];
    expect(shownOf((await page(PEER, { events: first })).text)).not.toContain('back within');
  });

  test('of a peer that is down has the section on the attempt that failed last, too', async () => {
    const { text } = await page(PEER, { events: [...life, { ...connectFailedEvent, at: at + 1000 }] });
    const shown = shownOf(text);
    expect(shown).toContain('Runbook: reset');
    expect(shown).toContain('Runbook: tcp/refused');
    expect(shownOf((await page(PEER, { events: [...life, { ...connectedEvent, at: at + 1000 }] })).text)).not.toContain(
      'Runbook: tcp/refused',
    );
  });

  test('says of each setting where it was given, and folds those that were not', async () => {
    const settings = { ...peerSettings(6379), keepalive: { idleSeconds: 400, intervalSeconds: 10, count: 3 } };
    const places = {
      file: '/etc/finrst/finrst.yml',
      global: new Map([
        ['keepalive', 2],
        ['keepalive.idle', 3],
        ['user_timeout', 4],
        ['write_timeout', 5],
      ]),
      group: new Map([
        ['keepalive', 61],
        ['keepalive.idle', 62],
        ['reconnect', 70],
      ]),
    };
    const functions = { targetOf: () => ({ ...target, settings }), settingPlaces: () => places };
    const { text } = await page(PEER, { functions });
    const section = text.slice(text.indexOf('Settings in force'));
    const [own = '', folded = ''] = section.slice(0, section.indexOf('</section>')).split('<details>');
    const rows = shownOf(own);
    expect(rows).toContain('From finrst.yml');
    expect(rows).toContain('keepalive.idle 400s group, line 62');
    expect(rows).toContain("user_timeout 0s, the kernel's default global, line 4");
    expect(rows).toContain('write_timeout 30s global, line 5');
    expect(rows).not.toContain('keepalive.count');
    expect(shownOf(folded)).toContain('keepalive.count 3 default');
    expect(rows).not.toContain('too long');
  });

  test('a map that is off as a whole is the place of what is in it', async () => {
    const places = {
      file: '',
      global: new Map([
        ['keepalive', 3],
        ['keepalive.idle', 4],
      ]),
      group: new Map([['keepalive', 61]]),
    };
    const settings = { ...peerSettings(6379), keepalive: null };
    const functions = { targetOf: () => ({ ...target, settings }), settingPlaces: () => places };
    const shown = shownOf((await page(PEER, { functions })).text);
    for (const key of ['idle', 'interval', 'count']) expect(shown).toContain(`keepalive.${key} off group, line 61`);
    expect(shown).toContain('From the command line');
  });

  test('marks the keepalive that is due after the limit that was found', async () => {
    const limit = { kind: 'silenceAtMost', ends: 4, of: 5, survivedMs: 347_000, atMostMs: 352_000 } as const;
    const events: readonly FinrstEvent[] = [
      added,
      connectedEvent,
      { ...disconnectedEvent, hint: { name: 'idle_limit', limit } },
    ];
    const marked = async (idleSeconds: number): Promise<boolean> => {
      const settings = { ...peerSettings(6379), keepalive: { idleSeconds, intervalSeconds: 10, count: 3 } };
      const { text } = await page(PEER, { events, functions: { targetOf: () => ({ ...target, settings }) } });
      return /class="hot">\s*<th scope="row"><code>keepalive\.idle/.test(text);
    };
    expect(await marked(400)).toBe(true);
    expect(await marked(351)).toBe(false);
  });

  test('says how much of the time it was connected', async () => {
    await using web = await startWeb({ events: [] });
    const now = web.clock.now();
    const from = now - 1_000_000;
    [
      { ...added, at: from },
      { ...connectedEvent, at: from },
      { ...disconnectedEvent, at: now - 500_000 },
      { ...connectedEvent, at: now - 499_995 },
    ].forEach(web.publish);
    expect(shownOf((await web.get(PEER)).text)).toContain('99.999 %');
    web.publish({ ...disconnectedEvent, at: now - 250_000 });
    expect(shownOf((await web.get(PEER)).text)).toMatch(/74\.999 % since \S+?\s?down 4 m 10 s in all/);
  });

  test('says which address costs time at each connect and never answers', async () => {
    const tried = [
      { address: '2001:db8:24::8', startedMs: 0, durationMs: 1024, abandoned: true },
      { address: '192.0.2.7', startedMs: 1000, durationMs: 24 },
    ] as const;
    const attempt = (n: number): FinrstEvent => ({ ...connectedEvent, at: at + n, startedAt: at + n, tried });
    const twice = shownOf((await page(PEER, { events: [added, attempt(1), attempt(2)] })).text);
    expect(twice).toContain('2001:db8:24::8 answered in none of these attempts: it costs 1.0 s at each connect.');
    expect(shownOf((await page(PEER, { events: [added, attempt(1)] })).text)).not.toContain('answered in none');
    const other = {
      ...connectedEvent,
      at: at + 3,
      startedAt: at + 3,
      tried: [{ ...tried[1], address: tried[0].address }],
    };
    expect(shownOf((await page(PEER, { events: [added, attempt(1), attempt(2), other] })).text)).not.toContain(
      'answered in none',
    );
  });

  test('of a peer that never connected says so', async () => {
    const { text } = await page(PEER, { events: [added] });
    expect(text).toContain('never, since it is known here');
    expect(text).toContain('None among the last thousand attempts');
  });

  test.each(['/peer', '/peer?group=a', '/peer?peer=b'])('%s asks which one', async (path) => {
    expect(await page(path)).toMatchObject({ status: 400, text: expect.stringContaining('needs a group and a peer') });
  });

  test('of nobody is 404 in plain words', async () => {
    const { status, text } = await page('/peer?group=a&peer=b');
    expect(status).toBe(404);
    expect(text).toContain('There is no such peer: no target makes it.');
    expect(text).not.toContain('knew it until');
  });

  test('of a removed peer says when it went', async () => {
    const { status, text } = await page(PEER, { events: [...life, { type: 'peerRemoved', at, peer }] });
    expect(status).toBe(404);
    expect(text).toContain('This process knew it until 2026-01-02 03:04:05.678 UTC.');
  });

  test('of another shard names that shard', async () => {
    const functions = {
      targetOf: () => ({ ...target, state: 'other_shard' }) as const,
      shardOf: () => ({ ordinal: 2, total: 3, isThis: false }),
    };
    const { status, text } = await page(PEER, { events: [], functions });
    expect(status).toBe(200);
    expect(text).toContain('Held by shard 2 of 3; this is another one.');
  });

  test('of another shard that is observed here names that shard, and has no connection of ours', async () => {
    const functions = {
      targetOf: () => ({ ...target, state: 'other_shard' }) as const,
      shardOf: () => ({ ordinal: 2, total: 3, isThis: false }),
    };
    const unheld: FinrstEvent = { type: 'peerAdded', at, peer, facts: { ...facts, isHeld: false } };
    const text = shownOf((await page(PEER, { events: [unheld], functions })).text);
    expect(text).toContain('Another shard holds the connection to this peer.');
    expect(text).toContain('shard 2 of 3; this is another one');
    expect(text).not.toMatch(/nobody|makes none/);
  });

  test('names the shard of a peer that is held here', async () => {
    const { text } = await page(PEER, serving({ shardOf: () => ({ ordinal: 0, total: 3, isThis: true }) }));
    expect(text).toContain('this process, shard 0 of 3');
  });
  test('says whether its certificate was verified, and how many days are left', async () => {
    const [day, now] = [86_400_000, createFakeClock().now()];
    const identityOf = async (left: number, more: object): Promise<string> => {
      const notAfter = now + left;
      const handshake = { ...tls, ...more, server: { ...server, notAfter } };
      const certificate = { expiresAt: notAfter - day, readAt: now };
      return shownOf((await page(PEER, { events: [added, { ...connectedEvent, tls: handshake, certificate }] })).text);
    };
    const good = await identityOf(23.5 * day, {});
    expect(good).toContain('CN=Example CA, verified');
    expect(good).toMatch(
      /Valid 2026-01-02 to 2026-01-24 12:00:00.000 UTC, 23 days left; of its chain the first ends .*? UTC, 22 days left/,
    );
    expect(await identityOf(1.5 * day, { isVerified: false })).toMatch(
      /CN=Example CA, not verified .*1 day left; .*less than a day left/,
    );
    expect(await identityOf(-1, {})).toContain('UTC, it has ended;');
  });

  test('says which target of how many makes it, and which rules made its labels', async () => {
    const ruleEffects = [
      { rule: 1, sources: ['__meta_filepath'], set: ['tier'], removed: [] },
      { rule: 2, sources: [], set: [], removed: ['<i>'] },
      { rule: 3, sources: [], set: Array.from({ length: 30 }, (_, n) => `l${n}`), removed: [] },
      ...Array.from({ length: 20 }, (_, n) => ({ rule: 4 + n, sources: [], set: ['a'], removed: [] })),
    ];
    const made = { ...target, place: { entry: 3, of: 11 }, ruleEffects };
    const { text } = await page(PEER, serving({ targetOf: () => made }));
    const shown = shownOf(text);
    expect(shown).toContain('/etc/targets.json:0, entry 3 of 11');
    expect(shown).toMatch(/relabel_configs\[1\] set tier from __meta_filepath/);
    expect(text).toMatch(/relabel_configs\[2\]<\/code>\s*removed <code><bdi>&lt;i&gt;/);
    expect(shown).toContain('l6, l7 and 22 more');
    expect(shown).toContain('and 11 more rules');
    expect(shown).toContain('relabel_configs[12]');
    expect(shown).not.toContain('relabel_configs[13]');
    expect(shownOf((await page(PEER, serving({ targetOf: () => target }))).text)).not.toContain('relabel_configs');
  });

  test('draws each address that was tried, and the step in which an attempt failed', async () => {
    const tried = [
      { address: '192.0.2.9', startedMs: 200, durationMs: 50, reason: 'refused', errno: 'ECONNREFUSED' },
      { address: '2001:db8:24::8', startedMs: 100, durationMs: 900, abandoned: true },
      { address: '192.0.2.7', startedMs: 300, durationMs: 100 },
    ] as const;
    const timings = { dnsMs: 100, tcpMs: 300, tlsStartedMs: 400, totalMs: 1000 };
    const attempt = { ...connectFailedEvent, tried, timings, phase: 'tls', reason: 'timeout' } as FinrstEvent;
    const { text } = await page(PEER, { events: [added, attempt] });
    expect(text).toContain(
      '<title>dns 100 ms, tcp, no answer 900 ms, tcp, refused 50.0 ms, tcp 100 ms, tls, timeout 600 ms',
    );
    const bars = [...text.matchAll(/<rect class="(p-\w+)" x="([\d.]+%)" width="([\d.]+%)"/g)].map(([, ...all]) => all);
    expect(bars).toEqual([
      ['p-dns', '0.00%', '10.00%'],
      ['p-none', '10.00%', '90.00%'],
      ['p-fail', '20.00%', '5.00%'],
      ['p-tcp', '30.00%', '10.00%'],
      ['p-fail', '40.00%', '60.00%'],
    ]);
    expect(shownOf(text)).toContain('tcp, no answer');
    const titleOf = async (more: object): Promise<string | undefined> => {
      const events = [added, { ...attempt, ...more } as FinrstEvent];
      return /<title>([^<]*)<\/title>\s*<rect class="p-/.exec((await page(PEER, { events })).text)?.[1];
    };
    const silent = [{ address: '192.0.2.9', startedMs: 0, durationMs: 1000, reason: 'timeout', errno: 'ETIMEDOUT' }];
    expect(await titleOf({ tried: silent, timings: { totalMs: 1000 }, phase: 'tcp' })).toBe('tcp, no answer 1.0 s');
    const asked = { ...timings, tlsMs: 200, protocolStartedMs: 600 };
    expect(await titleOf({ timings: asked, phase: 'protocol' })).toMatch(/tls 200 ms, protocol, timeout 400 ms$/);
    expect(await titleOf({ tried: [], timings: { totalMs: 70 }, phase: 'dns' })).toBe('dns, timeout 70.0 ms');
  });
});

describe('the pages of incidents', () => {
  test('say after which time half of the peers were back', async () => {
    const events = [{ ...incidentEvent, halfBackMs: 2100 }];
    expect(shownOf((await page('/incidents', { events })).text)).toContain('Back after 2.1 s (median).');
    expect(shownOf((await page(`/incidents/${incidentEvent.id}`, { events })).text)).toContain('Back after 2.1 s');
    expect((await page('/incidents')).text).not.toContain('(median)');
  });

  test('can be filtered by how long ago they were; what runs is of every range', async () => {
    await using web = await startWeb();
    const over = (id: string, hoursAgo: number): FinrstEvent => {
      const then = web.clock.now() - hoursAgo * 3_600_000;
      return { ...incidentEvent, id, state: 'over', began: then - 60_000, over: then, stillDown: 0 };
    };
    const long = { ...incidentEvent, id: '9', began: web.clock.now() - 40 * 86_400_000 };
    [long, over('1', 800), over('2', 200), over('3', 30), over('4', 2), over('5', 0.5)].forEach(web.publish);
    const ids = async (range: string) =>
      [...(await web.get(`/incidents?range=${range}`)).text.matchAll(/ id="i(\d+)"/g)].map(([, id]) => id).join('');
    expect(await Promise.all(['', '30d', '7d', '24h', '1h'].map(ids))).toEqual([
      '954321',
      '95432',
      '9543',
      '954',
      '95',
    ]);
    expect((await web.get('/incidents?range=24h')).text).toContain('<option selected>24h</option>');
    expect((await web.get('/incidents?range=2h')).status).toBe(400);
    Array.from({ length: 20 }, (_, n) => over(`${n}0`, 0.5)).forEach(web.publish);
    expect((await web.get('/incidents?range=1h')).text).toContain('href="/incidents?range=1h&amp;offset=20"');
  });

  test('say how much ended as it was to be, as far back as is asked for', async () => {
    await using web = await startWeb();
    web.publish(added);
    const fin = { ...disconnectedEvent, class: 'eof', reason: 'fin', announced: 'terminating' } as const;
    const saying = async (search = '') => shownOf((await web.get(`/incidents${search}`)).text);
    expect(await saying()).toMatch(/do not count: since \S+ no announced end, and 0 closes of our own\./);
    for (const each of [fin, { ...fin, reason: 'goodbye' } as const, localClosedEvent])
      web.publish({ ...each, at: web.clock.now() });
    web.clock.advance(2 * 3_600_000);
    web.publish({ ...fin, at: web.clock.now() });
    expect(await saying()).toMatch(/since \S+ 3 announced ends in 2 rollouts, and 1 close of our own\./);
    expect(await saying('?range=1h')).toMatch(/1 announced end in 1 rollout, and 0 closes of our own\./);
  });

  test('list those that run first, then the newest', async () => {
    const over = { state: 'over', over: at + 1, stillDown: 0 } as const;
    const events = [
      incidentEvent,
      { ...incidentEvent, ...over, id: '2' },
      { ...incidentEvent, ...over, id: '3', state: 'interrupted' as const },
    ];
    const { text } = await page('/incidents', { events });
    expect([...text.matchAll(/id="i(\d+)"/g)].map(([, id]) => id)).toEqual([incidentEvent.id, '3', '2']);
    expect(text).toContain('1<span class="sr"> running</span>');
    expect(text).toContain('interrupted after');
  });

  test('have 20 each, with links to the others', async () => {
    const events = Array.from({ length: 45 }, (_, n) => ({ ...incidentEvent, id: String(n) }));
    const pages = await Promise.all(
      ['', '?offset=20', '?offset=40', '?offset=60'].map((q) => page(`/incidents${q}`, { events })),
    );
    expect(pages.map(({ text }) => [...text.matchAll(/ id="i\d+"/g)].length)).toEqual([20, 20, 5, 0]);
    const links = pages.map(({ text }) =>
      [...text.matchAll(/href="(\/incidents[^"/]*)">(Newer|Older)/g)].map(([, to]) => to),
    );
    expect(links.slice(0, 3)).toEqual([
      ['/incidents?offset=20'],
      ['/incidents', '/incidents?offset=40'],
      ['/incidents?offset=20'],
    ]);
    expect(pages[3]?.text).toContain('There are no more than 45.');
    expect((await page('/incidents?offset=x')).status).toBe(400);
  });

  test('can be filtered by scope and by a group that had ends, and links keep that', async () => {
    const events: readonly FinrstEvent[] = [
      added,
      { ...incidentEvent, id: '1' },
      { ...incidentEvent, id: '2', scope: { kind: 'label', value: 'rack=b07' } },
      { ...ofIncident, incident: '2', peer: { ...peer, group: 'orders' } } as FinrstEvent,
      ...Array.from(
        { length: 21 },
        (_, n) => ({ ...incidentEvent, id: String(100 + n), scope: { kind: 'process', value: '' } }) as const,
      ),
    ];
    const ids = async (search: string) =>
      [...(await page(`/incidents${search}`, { events })).text.matchAll(/id="i(\d+)"/g)].map(([, id]) => id);
    expect(await ids('?scope=label&group=')).toEqual(['2']);
    expect(await ids('?group=orders')).toEqual(['2']);
    expect(await ids('?group=payments-redis')).toEqual(['1']);
    expect(await ids('?scope=prefix')).toEqual([]);
    const { text } = await page('/incidents?scope=process', { events });
    expect(text).toContain('href="/incidents?scope=process&amp;offset=20"');
    expect(text).toContain('<option selected>process</option>');
    expect((await page('/incidents?scope=x', { events })).status).toBe(400);
  });

  test('say that there are none', async () => {
    expect((await page('/incidents', { events: [] })).text).toContain('None since this process started');
  });

  test('of one has its sentence, its course and its peers', async () => {
    const grown = { ...incidentEvent, at: at + 5000, ended: 50 };
    const over = { ...grown, at: at + 9000, state: 'over' as const, over: at + 9000, stillDown: 0 };
    const { status, text } = await page(`/incidents/${incidentEvent.id}`, { events: [...life, grown, over] });
    expect(status).toBe(200);
    expect(text).toContain(incidentEvent.sentence);
    expect([...text.slice(text.indexOf('<main')).matchAll(/<b>(\w+)<\/b>/g)].map(([, step]) => step)).toEqual([
      'begun',
      'found',
      'grown',
      'over',
    ]);
    expect(text).toContain('href="/peer?group=payments-redis&amp;peer=redis-0.payments%3A6379"');
    expect(text).toContain('title="2026-01-02 03:04:05.678 UTC');
    expect(text).toContain('the first 1 of 50');
    const shown = text.replaceAll(/<svg[^]*?<\/svg>|<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
    expect(shown).toContain('50 of 52 peers of payments-redis broke together');
    expect(shown).toContain('group payments-redis 41 52 0.73 79 % 82 %');
    expect(shown).toContain('prefix 10.0.0.0/24 12 120 0.10 , not hit 10 % 24 %');
    expect(shown).toContain('Who is unharmed: 1 of 2 groups');
    expect(shown).toContain('Other groups: 0 of 9 ended');
    expect(shown).toContain('2 of the 52 stayed connected: redis-51.payments:6379');
  });

  const common = (more: Partial<IncidentChanged>) => async () => {
    const { text } = await page(`/incidents/${incidentEvent.id}`, { events: [...life, { ...incidentEvent, ...more }] });
    const list = text.slice(text.indexOf('<ul class="panel common">'));
    return list
      .slice(0, list.indexOf('</ul>'))
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll(/\s+/g, ' ');
  };

  test('of one says what its ends have in common, and what speaks against the rest', async () => {
    const shown = await common({})();
    expect(shown).toContain(
      'for what we sent was not acknowledged: the path or the whole host is gone ( path_dead , 1 of the 41)',
    );
    expect(shown).toContain('not this host: it dropped no packet that any of these ends waited for');
    expect(shown).toContain('9 other peers stayed connected');
    expect(shown).toContain('not a limit of age: they lived for 1 m 0 s to 1 h 0 m');
    expect(shown).toContain('not a limit of silence: they were silent for 100 ms to 1 m 24 s');
  });

  test('of one that this host may have caused says so', async () => {
    const own = { hints: { host_drops: 30, own_stall: 2 }, droppedPackets: 47_279, stalledMs: 2500 };
    const shown = await common({
      common: { ...incidentEvent.common, ...own, ages: { leastMs: 59_500, mostMs: 60_000 } },
    })();
    expect(shown).toContain('for This host dropped 47,279 packets while they waited ( host_drops , 30 of the 41)');
    expect(shown).toContain('for Our own event loop was held up for 2.5 s right before ( own_stall , 2 of the 41)');
    expect(shown).not.toContain('not this host');
    expect(shown).toContain('for They all lived for 1 m 0 s: perhaps a limit of age');
  });

  const marksOf = (text: string) =>
    [...text.matchAll(/class="(?:error|eof|idle) halo" x="([\d.]+)%" y="(\d+)"/g)].map(
      ([, x, y]) => [Number(x), Number(y)] as const,
    );
  const endsAfter = async (...afterMs: readonly number[]) => {
    const ends = afterMs.map((ms, id) => ({ ...ofIncident, peer: { ...peer, id }, endedAt: at + ms }) as FinrstEvent);
    const { text } = await page(`/incidents/${incidentEvent.id}`, { events: [added, incidentEvent, ...ends] });
    return text.slice(text.indexOf('id="every-h"'), text.indexOf('id="contrast-h"'));
  };

  test('of one stretches the first seconds where most ends are there, and says so', async () => {
    const even = await endsAfter(0, 5000, 10_000);
    expect(even).not.toContain('stretched');
    expect(marksOf(even).map(([x]) => x)).toEqual([1, 50, 99]);
    const early = await endsAfter(0, 1000, 1000, 1000, 25_000, 100_000);
    expect(early).toContain('(the first are stretched)');
    expect(marksOf(early).map(([x]) => x)).toEqual([1, 10.8, 10.8, 10.8, 50, 99]);
  });

  test('of one puts marks beside one another where they would cover each other', async () => {
    expect(marksOf(await endsAfter(0, 1, 2, 10_000)).map(([, y]) => y)).toEqual([19, 29, 9, 19]);
  });

  test('of the process draws all groups as its own, and of many values sums up what is not drawn', async () => {
    const drawn = async (more: Partial<IncidentChanged>) => {
      const { text } = await page(`/incidents/${incidentEvent.id}`, { events: [added, { ...incidentEvent, ...more }] });
      const section = text.slice(text.indexOf('id="contrast-h"'));
      return section.slice(0, section.indexOf('</section>'));
    };
    const shares = [
      { value: 'a', ended: 9, of: 10 },
      { value: 'b', ended: 8, of: 10 },
    ];
    const values = { kind: 'group', shares, rest: { values: 3, ended: 1, of: 30 } } as const;
    const ofProcess = await drawn({ scope: { kind: 'process', value: '' }, values });
    expect([...ofProcess.matchAll(/class="hitbar"/g)]).toHaveLength(2);
    const ofGroup = await drawn({ scope: { kind: 'group', value: 'a' }, values });
    expect([...ofGroup.matchAll(/class="hitbar"/g)]).toHaveLength(1);
    expect(shownOf(ofGroup)).toContain('Other groups: 9 of 40 ended 3 more are not drawn');
  });

  test('of one says how new connects of its peers fail, but for those that are connected again', async () => {
    const refs = [1, 2, 3].map((id) => ({ ...peer, id, peer: `p${id}:1` }));
    const events = [
      ...refs.flatMap((ref): FinrstEvent[] => [
        { ...added, peer: ref },
        { ...connectFailedEvent, peer: ref, failuresInARow: 1 },
        { ...connectedEvent, peer: ref },
        { ...disconnectedEvent, peer: ref, connectionId: connectedEvent.connectionId },
      ]),
      { ...connectFailedEvent, peer: refs[0] ?? peer, at: at + 1, failuresInARow: 1 },
      { ...connectFailedEvent, peer: refs[0] ?? peer, at: at + 2, failuresInARow: 2 },
      incidentEvent,
      ...refs.map((ref) => ({ ...ofIncident, peer: ref }) as FinrstEvent),
    ];
    const shown = shownOf((await page(`/incidents/${incidentEvent.id}`, { events })).text);
    expect(shown).toContain('New connects end in tcp/refused: 2 attempts of 1 peer so far');
  });

  test('of one draws each end in the lane of its group, of many bars', async () => {
    const end = (id: number, afterMs: number): FinrstEvent =>
      ({
        ...ofIncident,
        peer: { ...peer, id, group: id % 2 === 0 ? 'even' : 'odd' },
        endedAt: at + afterMs,
      }) as FinrstEvent;
    const drawn = async (count: number) => {
      const ends = Array.from({ length: count }, (_, id) => end(id, id * 1000));
      const { text } = await page(`/incidents/${incidentEvent.id}`, { events: [added, incidentEvent, ...ends] });
      return text.slice(text.indexOf('id="every-h"'), text.indexOf('id="contrast-h"'));
    };
    const few = await drawn(60);
    expect([...few.matchAll(/class="error halo" x="([\d.]+)%" y="(\d+)"/g)]).toHaveLength(60);
    expect(few.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ')).toMatch(/even 30 odd 30/);
    const many = await drawn(61);
    expect(many).not.toContain('halo');
    const heights = [
      ...many.matchAll(/class="error"\s+x="[\d.]+%"\s+width="[\d.]+%"\s+y="[\d.]+"\s+height="([\d.]+)"/g),
    ];
    // Steps of 1.28 s: one or two ends in each.
    expect(heights.map(([, height]) => height)).toEqual(expect.arrayContaining(['34.0', '17.0']));
    expect(many).toContain('aria-label="ends within 1 m 0 s, at most 2 in 1.3 s"');
  });

  test('of a forgotten one is 404 in plain words', async () => {
    expect(await page('/incidents/999')).toMatchObject({
      status: 404,
      text: expect.stringContaining('There is no such incident here'),
    });
  });
});

describe('what comes from outside', () => {
  const EVIL = `"><img src=x onerror=alert(1)></td></table><h1>owned</h1>'\u202egnp\u0000\u200b`;
  const evilPeer = { ...peer, group: 'g', peer: `${EVIL}:1`, labels: {} };
  const about = { peer: evilPeer, detail: EVIL, errno: EVIL } as const;
  const evil: readonly FinrstEvent[] = [
    { ...added, peer: evilPeer, facts: { ...facts, labels: { [EVIL]: EVIL } } },
    { ...connectFailedEvent, ...about, tried: [{ address: EVIL, startedMs: 0, durationMs: 1, errno: EVIL }] },
    {
      ...connectedEvent,
      peer: evilPeer,
      tls: { ...tls, cipher: EVIL, server: { ...server, subject: EVIL, issuer: EVIL } },
    },
    { ...disconnectedEvent, ...about, goodbye: 'other', goodbyeCode: EVIL },
    { ...incidentEvent, sentence: EVIL, scope: { kind: 'label', value: EVIL }, also: [{ kind: 'label', value: EVIL }] },
    { ...ofIncident, peer: evilPeer } as FinrstEvent,
  ];
  const evilTarget = { ...target, source: EVIL, settings: { ...target.settings, sourceAddress: EVIL } };
  const query = new URLSearchParams({ group: 'g', peer: `${EVIL}:1` }).toString();

  test.each([
    `/peer?${query}`,
    `/peer?group=g&peer=${encodeURIComponent(EVIL)}`,
    '/incidents',
    `/incidents/${incidentEvent.id}`,
    `/incidents/${encodeURIComponent(EVIL)}`,
  ])('is never markup, and its controls are visible: %#', async (path) => {
    const { text } = await page(path, { events: evil, functions: { targetOf: () => evilTarget } });
    expect(text).toContain('onerror=alert(1)');
    expect(text).not.toContain('<img');
    expect(text).not.toContain('<h1>owned');
    expect(text).toContain('\\u202egnp');
    // oxlint-disable-next-line no-control-regex -- controls are what this is about
    expect(text).not.toMatch(/[\u0000-\u0009\u202a-\u202e\u200b]/);
  });

  test('a hostile id or offset is answered, not obeyed', async () => {
    expect((await page('/incidents/..%2f..%2fetc%2fpasswd')).status).toBe(404);
    expect((await page('/incidents/__proto__')).status).toBe(404);
    expect((await page('/peer?group=__proto__&peer=constructor')).status).toBe(404);
  });
});

test('no secret and no byte that is sent is on the page of a peer', async () => {
  const secret = 'hunter2-secret';
  const bytes = new TextEncoder().encode(secret);
  const settings = peerSettings(6379, {
    heartbeat: {
      protocol: { name: 'send_expect', settings: { send: bytes, expect: bytes } },
      intervalMs: 10_000,
      timeoutMs: 5000,
    },
    protocol: { name: 'redis', settings: { username: secret, passwordFile: `/run/${secret}`, clientName: secret } },
    tls: {
      serverName: null,
      caFile: null,
      certFile: `/run/${secret}.pem`,
      keyFile: `/run/${secret}.key`,
      minVersion: 'TLSv1.3',
      insecureSkipVerify: true,
      expectCloseNotify: false,
    },
  });
  const { text } = await page(PEER, serving({ targetOf: () => ({ ...target, settings }) }));
  expect(text).toContain('heartbeat.interval');
  expect(text).toContain('<code>protocol</code>');
  expect(text).toContain('tls.insecure_skip_verify');
  expect(text).not.toContain(secret);
});

test('the words of all pages have a page, which every page links to', async () => {
  expect((await page(PEER)).text).toContain('<a href="/words">What the words mean</a>');
  const { status, text } = await page('/words');
  expect(status).toBe(200);
  for (const { words } of [...WORD_GROUPS, HINT_GROUP, GOODBYE_GROUP])
    for (const { anchor, reason } of words)
      expect(text).toMatch(
        new RegExp(`<tr id="${anchor}">\\s*<th scope="row">\\s*<a href="/words/${anchor}"\\s*><code>${reason}<`),
      );
  for (const { seconds } of KNOWN_LIMITS) expect(shownOf(text)).toContain(` ${figure(seconds)} s`);
  expect(shownOf(text)).toContain('90 s (95 s) Mosquitto');
  expect(text).toContain('id="known-limits"');
  const ids = [...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

describe('the page of a word', () => {
  test('has its whole section, links to the sections that this one speaks of, and to the peers', async () => {
    const { status, text } = await page('/words/connect-tcp-timeout');
    expect(status).toBe(200);
    const shown = shownOf(text);
    expect(shown).toContain('tcp/timeout');
    expect(shown).toContain(capital(failureWords({ phase: 'tcp', reason: 'timeout' }).what));
    expect(text).toContain('href="/?q=tcp%2Ftimeout"');
    const keepalive = await page('/words/keepalive_timeout');
    for (const part of ['What happened.', 'What it usually means.', 'How to check.', 'What to do.'])
      expect(shownOf(keepalive.text)).toContain(part);
    expect(keepalive.text).toContain('href="/?q=keepalive_timeout"');
    expect(shownOf(keepalive.text)).toContain('finrst watch --for=10s PEER:PORT');
    expect((await page('/words/timeout')).text).toContain(
      'As <a href="/words/keepalive_timeout">keepalive_timeout</a>',
    );
  });

  test('is there for each word, and what its text links to is there, too', async () => {
    await using web = await startWeb();
    life.forEach(web.publish);
    const words = [...WORD_GROUPS, HINT_GROUP, GOODBYE_GROUP].flatMap((group) => group.words);
    const wanted = new Set(words.map(({ anchor }) => `/words/${anchor}`));
    for (const path of wanted.add('/words').add(PEER).add(`/incidents/${incidentEvent.id}`)) {
      const { status, text } = await web.get(path);
      expect([path, status]).toEqual([path, 200]);
      for (const [, linked = ''] of text.matchAll(/href="(\/words\/[^"?]*)"/g)) wanted.add(linked);
      const word = words.find(({ anchor }) => path === `/words/${anchor}`);
      if (word === undefined) continue;
      expect(text).toContain(`<h1>${word.term}</h1>`);
      expect([path, text.includes('>Look for it among the peers<')]).toEqual([
        path,
        !['goodbye', 'hint', 'local'].includes(word.group),
      ]);
    }
    expect([...wanted]).toEqual(expect.arrayContaining(['/words/read-this-first', '/words/what-a-socket-cannot-tell']));
  });

  test.each(['none', 'class-error', '%3Ci%3E'])('%s has no section: 404 in plain words', async (anchor) => {
    const { status, text } = await page(`/words/${anchor}`);
    expect(status).toBe(404);
    expect(text).toContain('<a href="/words">All words</a>');
    expect(text).not.toContain('<i>');
  });

  test.each([
    { from: PEER, to: ['reset', 'hint-path_dead'] },
    { from: `/incidents/${incidentEvent.id}`, to: Object.keys(incidentEvent.reasons) },
    { from: '/incidents', to: Object.keys(incidentEvent.reasons) },
  ])('$from links to $to', async ({ from, to }) => {
    const { text } = await page(`/finrst${from}`, { settings: { routePrefix: '/finrst' } });
    for (const anchor of to) expect(text).toContain(`href="/finrst/words/${anchor}"`);
  });

  test('is led to by the hint of an end, from the table and from its words, and by an end of our own', async () => {
    const hinted = await page(PEER, {
      events: [added, connectedEvent, { ...disconnectedEvent, hint: { name: 'path_dead' } }],
    });
    expect(hinted.text.match(/href="\/words\/hint-path_dead"/g)).toHaveLength(2);
    const ours = await page(PEER, { events: [added, connectedEvent, localClosedEvent] });
    expect(ours.text.match(new RegExp(`href="/words/local-${localClosedEvent.reason}"`, 'g'))).toHaveLength(2);
  });
});

describe('the page of all peers', () => {
  test('has a legend of its shapes', async () => {
    expect(shownOf((await page('/')).text)).toContain('idle_timeout: our clock ran out eof: closed in order');
  });

  test('says when a peer that is down is tried again', async () => {
    await using web = await startWeb();
    const now = web.clock.now();
    const rowAfter = async (...events: readonly FinrstEvent[]): Promise<string> => {
      [added, ...events].forEach(web.publish);
      return shownOf((await web.get('/?view=all')).text);
    };
    const waits = (since: number): FinrstEvent => ({
      type: 'stateEntered',
      at: since,
      peer,
      from: 'resolving',
      state: 'backoff',
    });
    const failed = (failuresInARow: number): FinrstEvent => ({
      ...connectFailedEvent,
      at: now,
      failuresInARow,
      retryInMs: 14_000,
    });
    expect(await rowAfter(connectedEvent, { ...disconnectedEvent, at: now, retryInMs: 400 }, waits(now))).toContain(
      '1st try in 0 s',
    );
    for (const [failures, which] of [
      [1, '2nd'],
      [2, '3rd'],
      [9, '10th'],
      [10, '11th'],
      [21, '22nd'],
      [111, '112th'],
      [7290, '7,291st'],
    ] as const)
      expect(await rowAfter(failed(failures), waits(now))).toContain(`tcp/refused, ${which} try in 14 s: `);
    expect(await rowAfter(failed(9), waits(now - 14_000))).toContain('tcp/refused, 10th try due: ');
    const dials: FinrstEvent = { type: 'stateEntered', at: now, peer, from: 'backoff', state: 'connecting' };
    expect(await rowAfter(failed(9), dials)).toContain('tcp/refused, 9 tries: ');
    expect(await rowAfter({ ...localClosedEvent, at: now }, waits(now))).not.toContain(' try in');
    expect((await web.get('/?view=all')).text).not.toContain('class="age due"');
    web.publish(failed(9));
    expect((await web.get('/?view=all')).text).toContain('<time class="age due"');
  });

  const hostile = { ...peer, id: 9, peer: '"><img onerror=x>\u202e:1', group: '<b>' };
  const many = Array.from({ length: 60 }, (_, id): FinrstEvent => {
    const ref = { ...peer, id: 100 + id, peer: `redis-${id}:6379` };
    return { type: 'peerAdded', at, peer: ref, facts: { ...facts, labels: { rack: `b${id % 2}` } } };
  });

  test('has each peer with its state, labels, last end and what the evidence of it supports', async () => {
    const { text } = await page('/');
    expect(text).toContain('href="/peer?group=payments-redis&amp;peer=redis-0.payments%3A6379"');
    expect(text).toMatch(/payments-redis<\/b> team=a/);
    expect(text).toContain('<b>path_dead</b>: what we sent was not acknowledged');
    expect(text).toMatch(/>\s*1 of 1 shown/);
  });

  test('says of a row what the peer said, which incident its end was of, and that its certificate ends soon', async () => {
    const rowOf = async (...events: readonly FinrstEvent[]): Promise<string> =>
      shownOf((await page('/?view=all', { events: [added, ...events] })).text);
    const said = { goodbye: 'admin_shutdown', goodbyeCode: '57P01' } as const;
    expect(await rowOf(connectedEvent, { ...disconnectedEvent, ...said })).toContain(
      'it said why: admin_shutdown (57P01)',
    );
    const announced = { ...disconnectedEvent, ...said, announced: 'terminating' } as const;
    expect(await rowOf(connectedEvent, announced)).toContain('announced: ');
    const again = Array.from({ length: 3 }, (): readonly FinrstEvent[] => [
      connectedEvent,
      { ...disconnectedEvent, class: 'eof', reason: 'fin' },
    ]);
    const isUp: FinrstEvent = { type: 'stateEntered', at, peer, from: 'handshaking', state: 'established' };
    const { text } = await page('/', { events: [added, ...again.flat(), connectedEvent, isUp] });
    expect(text).toContain('href="/?view=orderly&amp;sort=eof"');
    expect((await page('/?view=orderly&sort=eof')).status).toBe(200);
    const refused = { phase: 'protocol', reason: 'rejected', goodbye: 'not_ready', goodbyeCode: '57P03' } as const;
    expect(await rowOf({ ...connectFailedEvent, ...refused })).toMatch(
      /protocol\/rejected, .*: it said not_ready \(57P03\)/,
    );
    const over = { ...incidentEvent, state: 'over', over: at } as const;
    const { id, ended, of } = incidentEvent;
    const ofIt = [connectedEvent, disconnectedEvent, over, ofIncident, { ...connectedEvent, at: at + 9000 }];
    expect(await rowOf(...ofIt)).toMatch(new RegExp(`in incident ${id}: ${ended} of ${of} peers of \\S`));
    const ending = (days: number): FinrstEvent => {
      const now = createFakeClock().now();
      return { ...connectedEvent, tls, certificate: { expiresAt: now + days * 86_400_000, readAt: at } };
    };
    expect(await rowOf(disconnectedEvent, ending(6))).toContain('its certificate ends in 6 d');
    expect(await rowOf(disconnectedEvent, ending(-1))).toContain('its certificate has ended');
    expect(await rowOf(disconnectedEvent, ending(22))).not.toContain('its certificate');
  });

  test('names others that are down beside those of an incident, where there are any', async () => {
    const shown = async (...events: readonly FinrstEvent[]) => shownOf((await page('/', { events })).text);
    const lifeOf = (ref: typeof peer): readonly FinrstEvent[] => [
      { ...added, peer: ref },
      { ...connectedEvent, peer: ref },
      { ...disconnectedEvent, peer: ref },
      { type: 'stateEntered', at, peer: ref, from: 'established', state: 'backoff' },
    ];
    const ofRunning = [...lifeOf(peer), { ...incidentEvent, stillDown: 1 }, ofIncident];
    expect(await shown(...ofRunning)).toMatch(/ show them Abnormal/);
    const other = { ...peer, id: 2 };
    expect(await shown(...ofRunning, ...lifeOf(other))).toMatch(/ show them and 1 other Abnormal/);
  });

  test('names nobody could misread, and runs no markup of theirs', async () => {
    const { text } = await page('/', { events: [{ ...added, peer: hostile }] });
    expect(text).not.toContain('<img');
    expect(text).not.toContain('\u202e');
    expect(text).toContain('&quot;&gt;&lt;img onerror=x&gt;\\u202e');
  });

  test('shows 40 of many, and a link to the next 40 that keeps the filter', async () => {
    const events = { events: many };
    expect((await page('/', events)).text).toContain('40 of 60 shown');
    const all = (await page('/?view=all&sort=since', events)).text;
    expect(all).toContain('1 to 40 of 60');
    expect(all).toContain('href="/?view=all&amp;sort=since&amp;offset=40"');
    const rest = (await page('/?view=all&sort=since&offset=40', events)).text;
    expect(rest).toContain('41 to 60 of 60');
    expect((await page('/?label.rack=b1', events)).text).toContain('1 to 30 of 30');
    expect((await page('/?q=redis-59', events)).text).toContain('1 to 1 of 1');
    expect((await page('/?q=nowhere', events)).text).toContain('No peer matches.');
  });

  test('a form keeps what it does not ask for', async () => {
    const { text } = await page('/?sort=end&range=7d&limit=100&label.a=b&label.c=d');
    for (const [name, value] of [
      ['sort', 'end'],
      ['range', '7d'],
      ['limit', '100'],
      ['label.c', 'd'],
    ])
      expect(text).toContain(`<input type="hidden" name="${name}" value="${value}" />`);
    expect(text).not.toContain('name="label.a"');
  });

  test('a young process knows no usual hour', async () => {
    expect((await page('/', { events: [added] })).text).toContain('no whole hour before it yet');
  });

  test('takes the label of its form as the interface spells it', async () => {
    const answer = await page('/?q=&label=rack%3Db07&group=');
    expect([answer.status, answer.headers.location]).toEqual([302, '/?label.rack=b07']);
  });

  test.each([
    'state=gone',
    'class=x',
    'view=x',
    'sort=x',
    'range=1h',
    'offset=x',
    'limit=201',
    'limit=0',
    'label=rack',
  ])('%s is refused', async (query) => {
    expect((await page(`/?${query}`)).status).toBe(400);
  });

  test('without peers says so', async () => {
    expect((await page('/', { events: [] })).text).toContain('No peers yet');
  });

  test('begins with the incident that runs', async () => {
    const running = { ...incidentEvent, state: 'running' } as const;
    const { text } = await page('/', { events: [added, running] });
    expect(text).toContain('verdict wrong');
    expect(text).toContain(`href="/incidents/${incidentEvent.id}"`);
    const shown = shownOf(text);
    expect(shown).toContain('40 reset 1 no_reply. 3 are still down.');
    expect(shown).toContain('Not this host.');
    expect(shown).toContain(`3 in incident ${incidentEvent.id}`);
  });

  test('says what most ends of an incident have in common, and whether it may be this host', async () => {
    const own = { ...incidentEvent.common, hints: { path_dead: 21, host_drops: 40 }, droppedPackets: 12 };
    const of = async (more: Partial<IncidentChanged>) =>
      shownOf((await page('/', { events: [added, { ...incidentEvent, ...more }] })).text);
    const shown = await of({ common: own });
    expect(shown).toContain('1 no_reply. What we sent was not acknowledged: the path or the whole host is gone.');
    expect(shown).not.toContain('Not this host.');
    expect(await of({ scope: { kind: 'process', value: '' } })).not.toContain('Not this host.');
    expect(await of({ common: { ...own, hints: { path_dead: 20 } } })).not.toContain(
      'What we sent was not acknowledged',
    );
  });

  test('names the incident where it began, and which peers are in it', async () => {
    const began = { ...incidentEvent, began: at - 400_000 };
    const { text } = await page('/', { events: [added, connectedEvent, disconnectedEvent, began, ofIncident] });
    expect(text).toMatch(
      new RegExp(`<text class="k" x="96.53%" y="-1" text-anchor="end">incident ${incidentEvent.id}</text`),
    );
    expect(shownOf(text)).toContain(`In incident ${incidentEvent.id}: 41, all of payments-redis.`);
  });
});

test('a peer that is not held is shown as that, and nobody misses its connection', async () => {
  const other = { ...peer, id: 99, peer: 'db:5432' };
  const unheld = { ...added, peer: other, facts: { ...facts, isHeld: false } } as const;
  const all = (await page('/', { events: [...life, unheld] })).text;
  expect(all).toContain('1 peer is only observed');
  expect(all).toContain('<small>of 1</small>');
  const alone = (await page('/', { events: [unheld] })).text;
  expect(alone).toContain('No peer is held');
  expect(alone).not.toMatch(/>never connected</);
  const own = (await page('/peer?group=payments-redis&peer=db%3A5432', { events: [unheld] })).text;
  expect(own).toContain('<title>not held: db:5432');
  expect(own).toContain('/api/v1/observed?group=payments-redis&amp;peer=db%3A5432');
  expect(own).toContain('nobody: it is only observed');
  expect(own).not.toContain('Last end');
});
