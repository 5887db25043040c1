import { expect, test } from 'vitest';
import { growthOf, type Reading, slopeOf } from './growth.ts';

const life = (pid: number, minutes: number, mb: (minute: number) => number): Reading[] =>
  Array.from({ length: minutes * 6 + 1 }, (_, i) => ({ pid, at: i * 10_000, mb: mb(i / 6), handles: 20 }));

test('a line through points', () => {
  expect(slopeOf([0, 1, 2, 3], [5, 7, 9, 11])).toBeCloseTo(2);
  expect(slopeOf([0, 1, 2, 3], [4, 6, 4, 6])).toBeCloseTo(0.4);
  expect(slopeOf([1, 1], [1, 9])).toBe(0);
});

test('a process that grows for ever is told from one that has filled its caches', () => {
  const leaking = growthOf(
    life(1, 20, (minute) => 60 + minute),
    120_000,
  );
  expect(leaking?.mbPerMinute).toBeCloseTo(1);
  const filled = growthOf(
    life(1, 20, (minute) => 60 + Math.min(minute, 2) * 30),
    120_000,
  );
  expect(filled?.mbPerMinute).toBeCloseTo(0);
  expect(filled?.handlesPerMinute).toBe(0);
});

test('what lived longest counts; too short a life says nothing', () => {
  const readings = [...life(1, 1, () => 10), ...life(2, 10, () => 50), ...life(3, 2, () => 90)];
  expect(growthOf(readings, 60_000)).toMatchObject({ firstMb: 50, lastMb: 50, minutes: 9 });
  expect(
    growthOf(
      life(1, 1, () => 10),
      60_000,
    ),
  ).toBeNull();
});
