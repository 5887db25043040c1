import { expect, test } from 'vitest';
import { createAdmission } from './admission.ts';

const never = new AbortController().signal;

test('so many run, so many wait in order, and the rest is told when to come again', async () => {
  const { admit, running, waiting } = createAdmission(1, 2);
  const done: string[] = [];
  const gate = Promise.withResolvers<void>();
  const work = (name: string) => async () => {
    await gate.promise;
    done.push(name);
  };
  const first = admit(work('first'), never);
  const second = admit(work('second'), never);
  const third = admit(work('third'), never);
  expect([running(), waiting()]).toEqual([1, 2]);
  await expect(admit(work('fourth'), never)).rejects.toMatchObject({ code: 'code-runner-busy', status: 429, retryAfterSeconds: 1 });
  gate.resolve();
  await Promise.all([first, second, third]);
  expect(done).toEqual(['first', 'second', 'third']);
  expect([running(), waiting()]).toEqual([0, 0]);
});

test('who goes away gives up the place in the queue', async () => {
  const { admit, waiting } = createAdmission(1, 1);
  const gate = Promise.withResolvers<void>();
  const first = admit(() => gate.promise, never);
  const caller = new AbortController();
  const second = admit(async () => undefined, caller.signal);
  caller.abort();
  await expect(second).rejects.toMatchObject({ code: 'code-aborted' });
  expect(waiting()).toBe(0);
  gate.resolve();
  await first;
});
