import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CONNECT_FAILURE_REASONS, type ConnectFailure } from '../../src/domain/connect-failure.ts';
import { DISCONNECT_CLASSES, DISCONNECT_REASONS, LOCAL_CLOSE_REASONS } from '../../src/domain/disconnect.ts';
import { WORD_GROUPS } from '../../src/explanations/explained-words.ts';
import { GOODBYE_GROUP } from '../../src/explanations/goodbye-words.ts';
import { HINT_GROUP } from '../../src/explanations/hint-words.ts';
import { readReasonsPage } from '../../src/explanations/reasons-page.ts';
import { failureWords, localCloseWords, reasonWords } from '../../src/explanations/reason-words.ts';
import type { ProtocolName } from '../../src/settings/protocol-settings.ts';
import { SESSION_SAMPLES } from '../support/session-samples/session-samples.ts';
import { createFakeRuntime } from '../support/fake-runtime.ts';

const markdown = readFileSync(new URL('../../docs/reasons.md', import.meta.url), 'utf8');

const disconnects = DISCONNECT_CLASSES.flatMap((name) =>
  DISCONNECT_REASONS[name].map((reason) => ({ anchor: reason, label: name, what: reasonWords(reason).what })),
);
const failures = Object.entries(CONNECT_FAILURE_REASONS).flatMap(([phase, reasons]) =>
  reasons.map((reason) => ({
    anchor: `connect-${phase}-${reason}`,
    label: phase,
    what: failureWords({ phase, reason } as ConnectFailure).what,
  })),
);
const localCloses = LOCAL_CLOSE_REASONS.map((reason) => ({
  anchor: `local-${reason}`,
  label: 'local',
  what: localCloseWords(reason),
}));
const goodbyes = GOODBYE_GROUP.words.map(({ anchor, what }) => ({ anchor, label: 'goodbye', what }));
const hints = HINT_GROUP.words.map(({ anchor, what }) => ({ anchor, label: 'hint', what }));
const all = [...disconnects, ...failures, ...localCloses];

test('every reason has its section, and no section is for a word that does not exist', () => {
  const sections = [...markdown.matchAll(/^### (\S+)$/gm)].map(([, anchor = '']) => anchor);
  expect(sections.toSorted()).toEqual([...all, ...goodbyes, ...hints].map(({ anchor }) => anchor).toSorted());
});

test('the table at the top has one line for each reason, in the words that the terminal and the dashboards use', () => {
  const top = markdown.slice(0, markdown.indexOf('\n## '));
  const lines = top.split('\n').filter((line) => /^\| `\w+` \| \[/.test(line));
  expect(lines).toEqual(all.map(({ anchor, label, what }) => `| \`${label}\` | [${anchor}](#${anchor}) | ${what} |`));
});

test.each([
  { title: 'Goodbyes', name: 'goodbye', words: goodbyes },
  { title: 'Hints', name: 'hint', words: hints },
])('the table of $title has one line for each, in the words that `explain` uses', ({ title, name, words }) => {
  const chapter = markdown.slice(markdown.indexOf(`\n## ${title}`));
  const lines = chapter.split('\n').filter((line) => line.startsWith(`| \`${name}\` | [`));
  expect(lines).toEqual(words.map(({ anchor, label, what }) => `| \`${label}\` | [${anchor}](#${anchor}) | ${what} |`));
});

/** How the page names who says a goodbye; null: its words are the configuration's own, or it has none. */
const SPEAKERS: Readonly<Record<ProtocolName, RegExp | null>> = {
  send_expect: null,
  script: null,
  redis: /\bRedis\b/,
  postgres: /\bPostgreSQL\b/,
  mysql: /\bMySQL\b/,
  amqp: /\b(?:AMQP|RabbitMQ)\b/,
  kafka: /\bKafka\b/,
  smtp: /\bSMTP\b/,
  imap: /\bIMAP\b/,
  ftp: /\bFTP\b/,
  memcached: /\bmemcached\b/,
  http: /\bHTTP\b/,
  websocket: /\bWebSocket\b/,
  http2: /\bHTTP\/2/,
  grpc: /\bgRPC\b/,
  mqtt: /\bMQTT\b/,
  nats: /\bNATS\b/,
  ldap: /\bLDAP\b/,
  zookeeper: /\bZooKeeper\b/,
  cassandra: /\bCassandra\b/,
  mongodb: /\bMongoDB\b/,
};

test.each(goodbyes)('the section of $anchor names every protocol that can say it', ({ anchor }) => {
  const section = new RegExp(`^### ${anchor}$(.*?)^#`, 'ms').exec(markdown)?.[1] ?? '';
  const silent = SESSION_SAMPLES.filter(({ name, protocol: { goodbyes: said } }) => {
    const isSaid = [...said.connect, ...said.held].some((word) => anchor === `goodbye-${word}`);
    const speaker = SPEAKERS[name as ProtocolName];
    // What is none of a protocol's bytes at all is called so by each of them.
    return isSaid && anchor !== 'goodbye-protocol_error' && speaker !== null && !speaker.test(section);
  });
  expect([...new Set(silent.map(({ name }) => name))]).toEqual([]);
});

test('no two classes share a reason, so a reason alone has its words and its section', () => {
  const reasons = disconnects.map(({ anchor }) => anchor);
  expect(new Set(reasons).size).toBe(reasons.length);
});

describe('the table of what Envoy and HAProxy write', () => {
  const { proxyCodes } = readReasonsPage(markdown);
  const terms = WORD_GROUPS.flatMap(({ words }) => words.map(({ term, anchor }) => ({ term, anchor })));

  test('has a row for each word, with its section, and none for another', () => {
    const rows = markdown.split('\n').flatMap((line) => {
      const [, term, anchor] = /^\| \[(\w+\/\w+)\]\(#(\S+)\) \|/.exec(line) ?? [];
      return term === undefined ? [] : [{ term, anchor }];
    });
    expect(rows).toEqual(terms.map(({ term, anchor }) => ({ term, anchor })));
    expect([...proxyCodes.keys()]).toEqual(terms.map(({ term }) => term));
  });

  test.each([
    // https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
    ['envoy', /^(?:UC|UF|UT|UPE|UO|SI|DF|DT)$/],
    // https://docs.haproxy.org/2.6/configuration.html#8.5
    ['haproxy', /^(?:--|SD|sD|SC|sC|SH|sH|PH|PC|RC)$/],
  ] as const)('gives codes that %s documents, or says that there is no counterpart', (proxy, known) => {
    for (const [term, codes] of proxyCodes) {
      const named = [...codes[proxy].matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
      expect(named.length > 0 || codes[proxy] === 'no counterpart', `${term}: ${codes[proxy]}`).toBe(true);
      for (const code of named) expect(code, term).toMatch(known);
    }
  });
});

test('the page is in every form that Finrst is brought in, beside the program', () => {
  const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  expect((JSON.parse(read('package.json')) as { files: readonly string[] }).files).toContain('docs/reasons.md');
  expect(read('Dockerfile')).toMatch(/^COPY docs\/reasons\.md docs\/reasons\.md$/m);
  expect(read('deploy/make-tarballs.ts')).toMatch(/^  docs: 'docs',$/m);
  expect(existsSync(join(createFakeRuntime().docsFolder, 'reasons.md'))).toBe(true);
});
