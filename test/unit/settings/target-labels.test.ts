import { describe, expect, test } from 'vitest';
import { LONGEST_TARGET_LABEL, NO_TARGET_LABELS, TargetLabelSets } from '../../../src/settings/target-labels.ts';

const choose = (names: readonly string[], labels: Readonly<Record<string, string>>) =>
  new TargetLabelSets().choose(names, labels);

describe('the target labels of a peer', () => {
  test('are all that are wanted, in that order, empty where the target has none', () => {
    const chosen = choose(['team', 'severity', 'zone'], { zone: 'a', other: 'x', team: 'payments' });
    expect(Object.entries(chosen)).toEqual([
      ['team', 'payments'],
      ['severity', ''],
      ['zone', 'a'],
    ]);
  });

  test('are none where none is wanted, whatever the target has', () => {
    expect(choose([], { team: 'payments' })).toBe(NO_TARGET_LABELS);
    expect(NO_TARGET_LABELS).toEqual({});
  });

  test.each(['toString', 'constructor', 'hasOwnProperty'])('%s is a name like any other', (name) => {
    expect(choose([name], {})).toEqual({ [name]: '' });
    expect(choose([name], { [name]: 'x' })).toEqual({ [name]: 'x' });
  });

  test('are one object for all peers with the same values, and another for other values', () => {
    const sets = new TargetLabelSets();
    const one = sets.choose(['team', 'tier'], { team: 'a', tier: '1', own: '1' });
    expect(sets.choose(['team', 'tier'], { tier: '1', team: 'a', own: '2' })).toBe(one);
    expect(sets.choose(['team', 'tier'], { team: 'a1' })).not.toBe(one);
  });

  test('are cut where a source gives a text, never in the middle of a character', () => {
    const { team = '' } = choose(['team'], { team: 'x'.repeat(LONGEST_TARGET_LABEL + 1) });
    expect(team).toBe('x'.repeat(LONGEST_TARGET_LABEL));
    const smile = `\u{1f600}${'x'.repeat(LONGEST_TARGET_LABEL)}`;
    expect(choose(['smile'], { smile })).toEqual({ smile: smile.slice(0, LONGEST_TARGET_LABEL) });
    const { name = '' } = choose(['name'], { name: `${'x'.repeat(LONGEST_TARGET_LABEL - 1)}\u{1f600}` });
    expect(name).toBe('x'.repeat(LONGEST_TARGET_LABEL - 1));
  });
});
