import { expect, test } from 'vitest';
import { whichDies, type WhichDiesFacts } from '../../../../../src/web/pages/observed/which-dies.ts';

const NONE = { broke: 0, eof: 0, local: 0 };
const calm: WhichDiesFacts = { isUp: true, theirs: NONE, ours: NONE, haveTheyAny: true, isOursUp: true };

test.each<{ when: string; saw: Partial<WhichDiesFacts>; headline: string; says?: string }>([
  {
    when: 'theirs broke and ours did not',
    saw: { theirs: { ...NONE, broke: 12 } },
    headline: "The applications' connections end, ours does not",
    says: '12 connections of applications broke, ours never.',
  },
  {
    when: 'ours broke and theirs did not',
    saw: { ours: { ...NONE, broke: 1 } },
    headline: "Ours ends, the applications' connections do not",
    says: 'ours broke once, none of the applications did',
  },
  {
    when: 'ours broke and is down, theirs hold',
    saw: { ours: { ...NONE, broke: 3 }, isOursUp: false },
    headline: "Ours ends, the applications' connections do not",
    says: 'ours broke 3 times',
  },
  {
    when: 'both broke',
    saw: { theirs: { ...NONE, broke: 1 }, ours: { ...NONE, broke: 2 } },
    headline: "The applications' connections end, and so does ours",
    says: '1 connection of applications broke, ours broke 2 times',
  },
  {
    when: 'both ended in order alone',
    saw: { theirs: { ...NONE, eof: 9, local: 4 }, ours: { ...NONE, eof: 1 } },
    headline: "Neither the applications' connections nor ours break",
  },
  {
    when: 'no application had any',
    saw: { haveTheyAny: false, ours: { ...NONE, broke: 5 } },
    headline: 'No application has a connection to it',
  },
  {
    when: 'none is there any more, but one was',
    saw: { haveTheyAny: false, theirs: { ...NONE, broke: 1 } },
    headline: "The applications' connections end, ours does not",
  },
  {
    when: 'ours never connected, theirs hold',
    saw: { isOursUp: false },
    headline: 'Ours does not come about',
    says: 'None of the applications broke',
  },
  {
    when: 'ours never connected, theirs broke',
    saw: { isOursUp: false, theirs: { ...NONE, broke: 2 } },
    headline: "The applications' connections end, and ours does not come about",
  },
  {
    when: 'Finrst holds none, theirs broke',
    saw: { isOursUp: null, theirs: { ...NONE, broke: 2 } },
    headline: "The applications' connections end",
    says: 'Finrst holds none to compare with',
  },
  {
    when: 'Finrst holds none, theirs hold',
    saw: { isOursUp: null },
    headline: "The applications' connections do not break",
  },
  {
    when: 'nothing is observed',
    saw: { isUp: false, theirs: { ...NONE, broke: 2 } },
    headline: 'Connections of applications are not observed',
    says: 'the log says why',
  },
  {
    when: 'observing has not begun',
    saw: { isUp: null },
    headline: 'Connections of applications are not observed',
    says: 'it has not begun',
  },
])('when $when', ({ saw, headline, says = '' }) => {
  const said = whichDies({ ...calm, ...saw });
  expect(said.headline).toBe(headline);
  expect(said.sentence).toContain(says);
});
