import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CONNECT_FAILURE_REASONS, type ConnectFailure } from '../../src/domain/connect-failure.ts';
import { DISCONNECT_CLASSES, DISCONNECT_REASONS, LOCAL_CLOSE_REASONS } from '../../src/domain/disconnect.ts';
import { failureWords, localCloseWords, reasonWords } from '../../src/explanations/reason-words.ts';

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
const all = [...disconnects, ...failures, ...localCloses];

test('every reason has its section, and no section is for a word that does not exist', () => {
  const sections = [...markdown.matchAll(/^### (\S+)$/gm)].map(([, anchor = '']) => anchor);
  expect(sections.toSorted()).toEqual(all.map(({ anchor }) => anchor).toSorted());
});

test('the table at the top has one line for each reason, in the words that the terminal and the dashboards use', () => {
  const top = markdown.slice(0, markdown.indexOf('\n## '));
  const lines = top.split('\n').filter((line) => /^\| `\w+` \| \[/.test(line));
  expect(lines).toEqual(all.map(({ anchor, label, what }) => `| \`${label}\` | [${anchor}](#${anchor}) | ${what} |`));
});

test('no two classes share a reason, so a reason alone has its words and its section', () => {
  const reasons = disconnects.map(({ anchor }) => anchor);
  expect(new Set(reasons).size).toBe(reasons.length);
});
