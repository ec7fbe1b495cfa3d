import { expect, test } from 'vitest';
import { TrafficReports } from '../../../../src/connections/hold/traffic-reports.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';

test('each connection that moved bytes reports once, a second after the first of them, and no timer runs in silence', () => {
  const clock = createFakeClock();
  const reports = new TrafficReports(clock);
  const told: string[] = [];
  const connection = (name: string) => ({ reportTraffic: () => told.push(`${name} ${clock.monotonic()}`) });
  expect(clock.pending).toBe(0);
  reports.add(connection('a'));
  clock.advance(400);
  reports.add(connection('b'));
  expect(clock.pending).toBe(1);
  clock.advance(599);
  expect(told).toEqual([]);
  clock.advance(1);
  expect(told).toEqual(['a 1000', 'b 1000']);
  clock.advance(10_000);
  expect(clock.pending).toBe(0);
  expect(told).toHaveLength(2);
});

test('one that moves bytes while it reports is heard a second later, not in the same round', () => {
  const clock = createFakeClock();
  const reports = new TrafficReports(clock);
  let told = 0;
  const connection = {
    reportTraffic: () => {
      told++;
      reports.add(connection);
    },
  };
  reports.add(connection);
  clock.advance(1000);
  expect(told).toBe(1);
  clock.advance(1000);
  expect(told).toBe(2);
});

test('a stop cancels the round that is due', () => {
  const clock = createFakeClock();
  const reports = new TrafficReports(clock);
  reports.add({ reportTraffic: () => expect.unreachable() });
  reports.stop();
  expect(clock.pending).toBe(0);
  clock.advance(5000);
});
