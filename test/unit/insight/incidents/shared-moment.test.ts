import { describe, expect, test } from 'vitest';
import {
  canBeAt,
  sharedMoment as moments,
  type SharedMoment,
} from '../../../../src/insight/incidents/shared-moment.ts';

/** In one go. */
function sharedMoment(ends: Parameters<typeof moments>[0]): SharedMoment {
  for (const work = moments(ends); ;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

const span = (from: number, to: number) => ({ from, to });
const moment = (at: number) => span(at, at);

describe('the moment that most spans share', () => {
  test('of moments it is where they are, and not the edge of what is allowed', () => {
    const { at, indices } = sharedMoment([moment(100_000), moment(100_400), moment(101_800), moment(140_000)]);
    expect(at).toBeGreaterThan(99_500);
    expect(at).toBeLessThan(102_500);
    expect(indices).toEqual([0, 1, 2]);
  });

  test('of spans it lies in all of them', () => {
    const { at, indices } = sharedMoment([
      span(0, 90_000),
      span(60_000, 150_000),
      span(80_000, 160_000),
      span(300_000, 310_000),
    ]);
    expect(at).toBeGreaterThanOrEqual(75_000);
    expect(at).toBeLessThanOrEqual(95_000);
    expect(indices).toEqual([0, 1, 2]);
  });

  test('moments up to 10 s apart are one, others are not: of equal groups it is the first', () => {
    expect(sharedMoment([moment(0), moment(9500)]).indices).toEqual([0, 1]);
    expect(sharedMoment([moment(0), moment(11_000)]).indices).toEqual([0]);
  });

  test('spans of days cost no more than others', () => {
    const spans = Array.from({ length: 100 }, (_, index) => span(0, 86_400_000 + index));
    expect(sharedMoment(spans).indices).toHaveLength(100);
  });

  test('a span is widened by 5 s on both sides', () => {
    expect([94_999, 95_000, 105_000, 105_001].map((at) => canBeAt(moment(100_000), at))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});
