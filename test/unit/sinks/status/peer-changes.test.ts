import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changesOf, NO_CHANGES, withAnnounced, withChange } from '../../../../src/sinks/status/peer-changes.ts';
import { CHANGE_KINDS, type PeerChange } from '../../../../src/sinks/status/peer-history.ts';

const packed = (changes: readonly PeerChange[]) =>
  changes.reduce((all, { at, kind }) => withChange(all, at, kind), NO_CHANGES);

test('the last 32 changes come back as they were, whatever the clock does', () => {
  const change = fc.record({ at: fc.integer({ min: 0, max: 4e12 }), kind: fc.constantFrom(...CHANGE_KINDS) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      expect(changesOf(packed(changes))).toEqual(changes.slice(-32));
    }),
  );
});

test('32 changes a quarter of an hour apart take 134 bytes at most', () => {
  const changes = Array.from({ length: 40 }, (_, n) => ({ at: 1.8e12 + n * 900_000, kind: 'error' as const }));
  expect(packed(changes).length).toBeLessThanOrEqual(134);
});

test('only the end in order of that very time becomes an announced one', () => {
  const changes = [
    { at: 5, kind: 'eof' },
    { at: 7, kind: 'error' },
    { at: 7, kind: 'eof' },
    { at: 7, kind: 'connected' },
  ] as const;
  const kinds = changesOf(withAnnounced(packed(changes), 7.5)).map(({ kind }) => kind);
  expect(kinds).toEqual(['eof', 'error', 'announced', 'connected']);
});
