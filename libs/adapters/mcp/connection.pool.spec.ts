import { expect, test, vi } from 'vitest';
import { ConnectionPool } from './connection.pool.ts';

class Line {
  alive = true;
  readonly number: number;
  readonly #closed: number[];

  constructor(number: number, closed: number[]) {
    this.number = number;
    this.#closed = closed;
  }

  async close(): Promise<void> {
    this.alive = false;
    this.#closed.push(this.number);
  }
}

const UNHEARD = new Error('nobody heard it');
const REFUSED = new Error('it refused');

function pool(most = 10) {
  const closed: number[] = [];
  let opened = 0;
  const lines = new ConnectionPool<Line>({ idleMs: 1_000, most, unheard: (error) => error === UNHEARD });
  const ask = <T>(key: string | null, work: (line: Line) => T, given: AbortSignal = new AbortController().signal): Promise<T> =>
    lines.use(
      key,
      async () => new Line(++opened, closed),
      async (line) => work(line),
      (error) => error === REFUSED,
      given,
    );
  const fail = (error: Error) => () => {
    throw error;
  };
  return { lines, closed, ask, fail, numberOf: ({ number }: Line) => number };
}

test('one line for one key, until it has been idle', async () => {
  vi.useFakeTimers();
  const { ask, closed, numberOf } = pool();
  expect([await ask('a', numberOf), await ask('a', numberOf), await ask('b', numberOf)]).toEqual([1, 1, 2]);
  vi.advanceTimersByTime(999);
  expect(await ask('a', numberOf)).toBe(1);
  await vi.advanceTimersByTimeAsync(999);
  expect(closed).toEqual([2]);
  await vi.advanceTimersByTimeAsync(1);
  expect(closed).toEqual([2, 1]);
  vi.useRealTimers();
});

test('a line that failed is used no more, one that refused is', async () => {
  const { ask, fail, numberOf, closed } = pool();
  await expect(ask('a', fail(REFUSED))).rejects.toBe(REFUSED);
  expect(await ask('a', numberOf)).toBe(1);
  await expect(ask('a', fail(new Error('broken')))).rejects.toThrow('broken');
  expect(closed).toEqual([1]);
  expect(await ask('a', numberOf)).toBe(2);
});

test('what nobody heard is asked once more on a new line, and only then', async () => {
  const { ask, fail } = pool();
  const heard: number[] = [];
  const once = (line: Line): number => {
    heard.push(line.number);
    if (line.number === 1 && heard.length > 1) throw UNHEARD;
    return line.number;
  };
  expect([await ask('a', once), await ask('a', once)]).toEqual([1, 2]);
  expect(heard).toEqual([1, 1, 2]);
  await expect(ask('new', fail(UNHEARD))).rejects.toBe(UNHEARD);
});

test('without a key a line is nobody else’s; beyond the most, the one that was idle longest goes', async () => {
  const { ask, numberOf, closed, lines } = pool(2);
  await ask(null, numberOf);
  expect(closed).toEqual([1]);
  for (const key of ['a', 'b', 'c']) await ask(key, numberOf);
  expect(closed).toEqual([1, 2]);
  expect(lines.endIdle(({ number }) => number === 1)).toBe(false);
  await lines.close();
  expect(new Set(closed)).toEqual(new Set([1, 2, 3, 4]));
});

test('a line that ended by itself is not used', async () => {
  const { ask, numberOf } = pool();
  await ask('a', (line) => (line.alive = false));
  expect(await ask('a', numberOf)).toBe(2);
});

test('all who ask at once share one line; who gives up does not take it from the others', async () => {
  const { ask, numberOf, closed } = pool();
  const given = new AbortController();
  const answers = Promise.allSettled([ask('a', numberOf, given.signal), ask('a', numberOf), ask('a', numberOf)]);
  given.abort(new Error('enough'));
  expect(await answers).toMatchObject([{ status: 'rejected' }, { value: 1 }, { value: 1 }]);
  expect(closed).toEqual([]);
});
