import { expect, test } from 'vitest';
import { createMemoryEventLog } from '@agent-platform/event-log/testing/memory-event-log';
import { event, freshStream, request, sequenceAll } from '@agent-platform/event-log/testing/subject';
import { Failure } from '@agent-platform/kernel/index';
import type { Area } from '@agent-platform/runtime/area';
import { takeMissed } from './missed-triggers.ts';

const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const area: Area = {
  name: 'thing',
  executor: null,
  policies: [{ triggers: [{ category: 'thing', type: 'thing.made' }], react: () => [] }],
};

async function setUp() {
  const log = createMemoryEventLog();
  for (let n = 0; n < 600; n++) await log.append(request(freshStream('w', `s${n}`), { events: [event('thing.made', { n }), event('thing.done')] }));
  await sequenceAll(log);
  const taken: number[] = [];
  const failing = new Map<number, Failure>();
  const trigger = (_area: string, { data }: { data: Record<string, unknown> }) => {
    const n = data['n'] as number;
    const failure = failing.get(n);
    if (failure) return Promise.reject(failure);
    taken.push(n);
    return Promise.resolve({ done: true } as const);
  };
  const take = (oldest: number) => takeMissed({ log, execution: { trigger }, area, cursor: 'executor-thing', oldest, logger: SILENT });
  return { log, taken, failing, take, cursor: () => log.cursor('executor-thing') };
}

test('triggers that left JetStream are taken from the log, up to the oldest event that it still has', async () => {
  const { taken, take, cursor, log } = await setUp();
  await take(1);
  expect([taken, await cursor()]).toEqual([[], 0]);
  await take(1_101);
  expect([taken, await cursor()]).toEqual([Array.from({ length: 550 }, (_, n) => n), 1_100]);
  await take(1_101);
  await take((await log.head()) + 1);
  expect([taken, await cursor()]).toEqual([Array.from({ length: 600 }, (_, n) => n), 1_200]);
});

test('one that must come again is taken again with its page; one that can not be carried out keeps nobody', async () => {
  const { taken, failing, take, cursor } = await setUp();
  failing.set(3, new Failure('fault', 'broken', 'It is broken.'));
  failing.set(400, new Failure('transient', 'busy', 'Try again.'));
  await expect(take(1_201)).rejects.toMatchObject({ code: 'busy' });
  expect(await cursor()).toBe(500);
  failing.delete(400);
  await take(1_201);
  expect(await cursor()).toBe(1_200);
  expect(new Set(taken).size).toBe(599);
});
