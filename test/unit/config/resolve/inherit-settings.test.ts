import { describe, expect, test } from 'vitest';
import { inheritSettings } from '../../../../src/config/resolve/inherit-settings.ts';
import { PEER_KEYS, type WrittenPeerKeys } from '../../../../src/config/schema/peer-keys.ts';
import { DEFAULT_PEER_SETTINGS as DEFAULTS, type InheritedSettings } from '../../../../src/settings/peer-settings.ts';

/** What a parsed value of each key makes of the defaults. A key that is missing here does not compile. */
const WRITTEN: Record<keyof typeof PEER_KEYS, { value: unknown; gives: Partial<InheritedSettings> }> = {
  connect_timeout: { value: 7, gives: { connectTimeoutMs: 7 } },
  idle_timeout: { value: 7, gives: { idleTimeoutMs: 7 } },
  write_timeout: { value: 0, gives: { writeTimeoutMs: 0 } },
  keepalive: { value: { idle: 7 }, gives: { keepalive: { idleSeconds: 7, intervalSeconds: 10, count: 3 } } },
  user_timeout: { value: 7, gives: { userTimeoutMs: 7 } },
  reconnect: { value: { max: 7 }, gives: { reconnect: { initialMs: 1000, maxMs: 7 } } },
  max_connection_age: { value: 7, gives: { maxConnectionAgeMs: 7 } },
  sample_interval: { value: 0, gives: { sampleIntervalMs: 0 } },
  ip_family: { value: 'ipv6', gives: { ipFamily: 'ipv6' } },
  source_address: { value: '127.0.0.1', gives: { sourceAddress: '127.0.0.1' } },
};

test.each(Object.entries(WRITTEN))('%s becomes its setting and changes nothing else', (key, { value, gives }) => {
  expect(inheritSettings(DEFAULTS, { [key]: value })).toEqual({ ...DEFAULTS, ...gives });
});

test('every inherited setting has one key', () => {
  const settings = Object.values(PEER_KEYS).map(({ to }) => to);
  expect(settings.toSorted()).toEqual(Object.keys(DEFAULTS).toSorted());
});

test('what is not written stays as it was', () => {
  const before = { ...DEFAULTS, idleTimeoutMs: 5, ipFamily: 'ipv4', sourceAddress: '127.0.0.1' } as const;
  expect(inheritSettings(before, {})).toEqual(before);
});

describe('values that take something back', () => {
  test.each<{
    when: string;
    before: Partial<InheritedSettings>;
    written: WrittenPeerKeys;
    gives: Partial<InheritedSettings>;
  }>([
    {
      when: 'an empty source address',
      before: { sourceAddress: '::1' },
      written: { source_address: '' },
      gives: { sourceAddress: null },
    },
    { when: 'keepalive: false', before: {}, written: { keepalive: false }, gives: { keepalive: null } },
    { when: 'keepalive: off', before: {}, written: { keepalive: 'off' }, gives: { keepalive: null } },
    {
      when: 'keepalive on again after off: from the built-in values',
      before: { keepalive: null },
      written: { keepalive: { count: 9 } },
      gives: { keepalive: { idleSeconds: 60, intervalSeconds: 10, count: 9 } },
    },
    {
      when: 'keepalive on again after off, with nothing of its own',
      before: { keepalive: null },
      written: { keepalive: {} },
      gives: { keepalive: { idleSeconds: 60, intervalSeconds: 10, count: 3 } },
    },
    {
      when: 'a map over a map keeps the fields that are not written',
      before: { keepalive: { idleSeconds: 1, intervalSeconds: 2, count: 3 } },
      written: { keepalive: { interval: 8, count: undefined } },
      gives: { keepalive: { idleSeconds: 1, intervalSeconds: 8, count: 3 } },
    },
  ])('$when', ({ before, written, gives }) => {
    expect(inheritSettings({ ...DEFAULTS, ...before }, written)).toEqual({ ...DEFAULTS, ...before, ...gives });
  });
});
