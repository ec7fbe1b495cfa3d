import { expect, test } from 'vitest';
import type { PeerChange } from '../../../../src/sinks/status/peer-history.ts';
import type { PeerStatus } from '../../../../src/sinks/status/peer-status.ts';
import { shownState } from '../../../../src/web/pages/peer-state.ts';

const ENTERED = Date.UTC(2026, 0, 2);
const changesOf = (...kinds: readonly PeerChange['kind'][]) => kinds.map((kind, index) => ({ at: index, kind }));
const shown = (state: PeerStatus['state'], ...kinds: readonly PeerChange['kind'][]) => {
  const { word, since } = shownState(
    { state, since: new Date(ENTERED).toISOString() },
    { changes: changesOf(...kinds) },
  );
  return `${word} ${since === ENTERED ? 'since it entered it' : `since ${since}`}`;
};

test.each(['backoff', 'resolving', 'connecting', 'handshaking'] as const)(
  'a peer is down from its end on, whatever its attempts do: %s',
  (state) => {
    expect(shown(state, 'connected', 'eof', 'connected', 'error', 'failed')).toBe('down since 3');
    expect(shown(state, 'failed')).toBe('down since 0');
    expect(shown(state, 'connected', 'announced')).toBe('down since 1');
    expect(shown(state, 'connected', 'local', 'failed')).toBe('down since 2');
  },
);

test('one that was never tried, or that we closed, is not down', () => {
  expect(shown('backoff')).toBe('waiting since it entered it');
  expect(shown('connecting')).toBe('connecting since it entered it');
  expect(shown('handshaking', 'connected', 'local')).toBe('connecting since it entered it');
});

test.each([
  ['established', 'connected'],
  ['not_held', 'not held'],
  ['closing', 'closing'],
  ['retired', 'retired'],
  ['stopped', 'stopped'],
] as const)('%s is %s', (state, word) => {
  expect(shown(state, 'connected', 'error')).toBe(`${word} since it entered it`);
});
