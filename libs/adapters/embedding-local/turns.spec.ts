import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

const signal = new AbortController().signal;
const numbers = (count: number, first = 0) => Array.from({ length: count }, (_, at) => String(first + at));

/** A model whose calls end when they are told to, in their order. */
function model() {
  const asked: string[][] = [];
  let open: PromiseWithResolvers<Float32Array> | undefined;
  return {
    asked,
    encode: (texts: readonly string[]) => {
      asked.push([...texts]);
      open = Promise.withResolvers();
      return open.promise;
    },
    async go() {
      open?.resolve(Float32Array.of(asked.length));
      await new Promise(setImmediate);
    },
    async fail() {
      open?.reject(new Error('broken'));
      await new Promise(setImmediate);
    },
  };
}

test('a short call waits for one turn of a long one; of equal ones the first is first', async () => {
  const slow = model();
  const turns = createTurns(slow);
  const order: string[] = [];
  const long = turns(numbers(16), signal).then(() => order.push('long'));
  const other = turns(numbers(16, 100), signal).then(() => order.push('other'));
  const short = turns(['question'], signal).then(() => order.push('short'));
  for (let turn = 0; turn < 5; turn++) await slow.go();
  await Promise.all([long, other, short]);
  expect(slow.asked.map(([first]) => first)).toEqual(['0', 'question', '8', '100', '108']);
  expect(order).toEqual(['short', 'long', 'other']);
});

test('what is given up gets no further turn, and what fails leaves the others alone', async () => {
  const slow = model();
  const turns = createTurns(slow);
  const giving = new AbortController();
  const ends = Promise.allSettled([turns(numbers(20), giving.signal), turns(numbers(24, 100), signal), turns(numbers(25, 200), signal)]);
  giving.abort(new Error('enough'));
  await slow.go();
  await slow.fail();
  for (let turn = 0; turn < 4; turn++) await slow.go();
  const [given, failing, fine] = await ends;
  expect([given, failing]).toMatchObject([{ reason: { message: 'enough' } }, { reason: { message: 'broken' } }]);
  expect(fine).toMatchObject({ value: [[3], [4], [5], [6]].map((one) => Float32Array.from(one)) });
  expect(slow.asked.map(([first]) => first)).toEqual(['0', '100', '200', '208', '216', '224']);
});
