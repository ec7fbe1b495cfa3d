import { expect, test } from 'vitest';
import { TrafficReports } from '../../../../src/connections/hold/traffic-reports.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';

test('each connection that moved bytes reports once, a second after the first of them, and no timer runs in silence', () => {
  const clock = createFakeClock();
  const reports = new TrafficReports(clock);
  const reported: string[] = [];
  const connection = (name: string) => ({ reportTraffic: () => reported.push(`${name} ${clock.monotonic()}`) });
  expect(clock.pending).toBe(0);
  reports.add(connection('a'));
  clock.advance(400);
  reports.add(connection('b'));
  expect(clock.pending).toBe(1);
  clock.advance(599);
  expect(reported).toEqual([]);
  clock.advance(1);
  expect(reported).toEqual(['a 1000', 'b 1000']);
  clock.advance(10_000);
  expect(clock.pending).toBe(0);
  expect(reported).toHaveLength(2);
});

test('one that moves bytes while it reports reports that a second later, not in the same turn', () => {
  const clock = createFakeClock();
  const reports = new TrafficReports(clock);
  let reported = 0;
  const connection = {
    reportTraffic: () => {
      reported++;
      reports.add(connection);
    },
  };
  reports.add(connection);
  clock.advance(1000);
  expect(reported).toBe(1);
  clock.advance(1000);
  expect(reported).toBe(2);
});

test('a stop cancels the round that is due', () => {
  const clock = createFakeClock();
  const reports = new TrafficReports(clock);
  reports.add({ reportTraffic: () => expect.unreachable() });
  reports.stop();
  expect(clock.pending).toBe(0);
  clock.advance(5000);
});
