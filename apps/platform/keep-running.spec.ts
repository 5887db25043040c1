import { expect, test } from 'vitest';
import { keepRunning, type Living } from './keep-running.ts';

function life(pid: number): Living & { die(code: number): void; readonly stopped: () => boolean } {
  const end = Promise.withResolvers<number>();
  let stopped = false;
  return {
    pid,
    exited: end.promise,
    die: end.resolve,
    stopped: () => stopped,
    stop: () => {
      stopped = true;
      end.resolve(0);
      return Promise.resolve();
    },
  };
}

test('who dies is cleaned up behind and started again, knowing the life before', async () => {
  const lives = [life(1), life(2)];
  const again = Promise.withResolvers<number>();
  const told: string[] = [];
  const kept = await keepRunning('server', (previous) => Promise.resolve(lives[previous ? previous.pid : 0] ?? life(9)), {
    onEnded: (name, pid, code) => told.push(`${name} ${pid} ${code}`),
    onStarted: (_name, pid) => again.resolve(pid),
  });
  lives[0]?.die(137);
  expect(await again.promise).toBe(2);
  expect(told).toEqual(['server 1 137']);
  expect(lives[0]?.stopped()).toBe(true);
  expect(kept.current().pid).toBe(2);
  await kept.stop();
  expect(lives[1]?.stopped()).toBe(true);
});

test('a start that fails is told and tried again, and a stop ends the waiting', async () => {
  const first = life(1);
  const failed = Promise.withResolvers<unknown>();
  let starts = 0;
  const start = (): Promise<Living> => (starts++ === 0 ? Promise.resolve(first) : Promise.reject(new Error('port taken')));
  const kept = await keepRunning('server', start, { onFailed: (_name, error) => failed.resolve(error) });
  first.die(1);
  expect(await failed.promise).toMatchObject({ message: 'port taken' });
  await kept.stop();
  expect(starts).toBe(2);
});

test('the first start is not tried again: its failure is the caller’s', async () => {
  await expect(keepRunning('server', () => Promise.reject(new Error('no such program')))).rejects.toThrow('no such program');
});
