import { expect, test } from 'vitest';
import { limitWords } from '../../../src/explanations/limit-words.ts';

const at = (leastMs: number, mostMs = leastMs) => ({ leastMs, mostMs });

const silence = { packets: null, payload: null, age: null, ends: 5, of: 5 };

test.each([
  {
    limit: { kind: 'silence', ...silence, packets: at(60_000, 60_040), payload: at(60_000, 60_040) },
    says: /^each time after 1 m 0 s of silence: a timer, not an accident: an idle limit; 60 s is known of PostgreSQL before login \(authentication_timeout\), nginx /,
  },
  {
    limit: { kind: 'silence', ...silence, packets: at(20_400, 20_700), payload: at(20_400, 20_700), ends: 4, of: 7 },
    says: /^4 of 7 times, and never later, after 20\.4 s to 20\.7 s of silence: a timer.*; no known limit has this value/,
  },
  {
    limit: { kind: 'silence', ...silence, payload: at(300_000) },
    says: /^each time after 5 m 0 s without payload: .*: an idle limit that counts payload alone, so keepalive does not help .*; 300 s is known of Postfix/,
  },
  {
    limit: { kind: 'silence', ...silence, packets: at(20_400) },
    says: /^each time after 20\.4 s without a packet: .*: an idle limit that counts packets, so a shorter keepalive helps/,
  },
  {
    limit: { kind: 'silence', ...silence, packets: at(20_400), payload: at(40_800) },
    says: /^each time after 20\.4 s without a packet and 40\.8 s without payload: .*: an idle limit;/,
  },
  {
    limit: { kind: 'age', age: at(3_600_000), ends: 5, of: 5 },
    says: /^each time 1 h 0 m after it was established, whatever was sent: .* 3600 s is known of Envoy/,
  },
  {
    limit: { kind: 'silence', ...silence, packets: at(20_400), payload: at(20_400), age: at(20_400) },
    says: /^each time after 20\.4 s of silence, its whole life: .* or a greatest age/,
  },
  {
    limit: { kind: 'silence', ...silence, packets: at(20_400), payload: at(20_400), age: at(25_000) },
    says: /^each time after 20\.4 s of silence, 25\.0 s old: /,
  },
  {
    limit: { kind: 'silenceAtMost', survivedMs: 999, atMostMs: 48_000, ends: 3, of: 4 },
    says: /^3 of 4 times a packet of ours found the path dead, after 48\.0 s of silence or more, and no such silence was survived: something/,
  },
  {
    limit: { kind: 'silenceAtMost', survivedMs: 320_000, atMostMs: 352_000, ends: 3, of: 4 },
    says: /no such silence was survived \(5 m 20 s was\): .* keeps it awake; 350 s is known of AWS NAT gateway/,
  },
  {
    limit: { kind: 'silenceAtMost', survivedMs: 20_000, atMostMs: 352_000, ends: 3, of: 4 },
    says: /keeps it awake$/,
  },
] as const)('$limit.kind: $says', ({ limit, says }) => {
  expect(limitWords(limit)).toMatch(says);
});

test.each([
  { seconds: 58.7, named: false },
  { seconds: 58.8, named: true },
  { seconds: 61.2, named: true },
  { seconds: 61.3, named: false },
  // Mosquitto's limit is 90 s, and its ends come at 95 s.
  { seconds: 90, named: true },
  { seconds: 95, named: true },
  // A box that forgets in silence ends nothing: it is no suspect of an end that came by itself.
  { seconds: 350, named: false },
  { seconds: 1200, named: false },
])('an end after $seconds s names a known limit: $named', ({ seconds, named }) => {
  const words = limitWords({ kind: 'silence', ...silence, payload: at(seconds * 1000) });
  expect(words.includes('is known of')).toBe(named);
});
