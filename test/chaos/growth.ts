import { existsSync, readFileSync } from 'node:fs';

/** Where `memory.shim.ts` writes to. */
export const READINGS_FILE = 'SOAK_READINGS';

/** What a process held at a time, after a collection. */
export interface Reading {
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Heap and what is held outside of it. */
  readonly mb: number;
  /** Sockets, timers and the like. */
  readonly handles: number;
}

export interface Growth {
  readonly readings: number;
  readonly minutes: number;
  readonly firstMb: number;
  readonly lastMb: number;
  /** Slope of a straight line through the readings. */
  readonly mbPerMinute: number;
  readonly handlesPerMinute: number;
}

/** Fewer say nothing. */
const LEAST = 6;

/** Of the process that lived longest, without its first readings: caches fill, code is compiled. Null when there are too few. */
export function growthOf(readings: readonly Reading[], warmUpMs: number): Growth | null {
  const lives = [...Map.groupBy(readings, ({ pid }) => pid).values()];
  const life = lives.toSorted((a, b) => b.length - a.length)[0] ?? [];
  const begin = (life[0]?.at ?? 0) + warmUpMs;
  const warm = life.filter(({ at }) => at >= begin);
  const [first, last] = [warm[0], warm.at(-1)];
  if (!first || !last || warm.length < LEAST) return null;
  const minutes = warm.map(({ at }) => (at - first.at) / 60_000);
  const slope = (of: (reading: Reading) => number) => slopeOf(minutes, warm.map(of));
  return {
    readings: warm.length,
    minutes: minutes.at(-1) ?? 0,
    firstMb: first.mb,
    lastMb: last.mb,
    mbPerMinute: slope(({ mb }) => mb),
    handlesPerMinute: slope(({ handles }) => handles),
  };
}

/** Least squares. */
export function slopeOf(xs: readonly number[], ys: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(xs), mean(ys)];
  const spread = xs.reduce((sum, value) => sum + (value - x) ** 2, 0);
  return spread === 0 ? 0 : xs.reduce((sum, value, i) => sum + (value - x) * ((ys[i] ?? y) - y), 0) / spread;
}

export const readingsIn = (file: string): Reading[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line.endsWith('}'))
        .map((line) => JSON.parse(line) as Reading)
    : [];
