import { expect, test } from 'vitest';
import { createMemoryEventLog } from '@agent-platform/event-log/testing/memory-event-log';
import type { AnyExecutor } from '@agent-platform/kernel/index';
import { createExecution } from './execute.ts';
import { createLookup, FeatureIndex } from './lookup.ts';
import { Slots } from './slots.ts';
import { StreamStates } from './stream-states.ts';
import { COUNTER, count, counterFeature, totalOf } from './testing/counter.feature.ts';

const feature = counterFeature(1);
const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Adds 1000 once it has a stream in hand, and is done then. */
const executor: AnyExecutor = {
  category: 'counter',
  triggers: [],
  wake: () => null,
  context: async () => null,
  advance: () => ({ type: 'counter.add', data: { n: 1000 } }),
  recover: () => null,
  bind: (command) => command,
  effect: () => null,
  perform: async () => ({ type: 'counter.add', data: {} }),
  wanted: () => new Set(),
  ended: () => false,
};

test('a long stream whose executor died is taken over from its snapshot, and goes on as what began it', async () => {
  const log = createMemoryEventLog();
  const ranges: (number | undefined)[] = [];
  const watched = {
    ...log,
    readStream: (...[stream, range]: Parameters<typeof log.readStream>) => {
      ranges.push(range?.to ?? range?.from);
      return log.readStream(stream, range);
    },
  };
  await count(log, 1, 25);
  await log.writeSnapshot(COUNTER, 'counter.v1', 20, { total: totalOf(20) });
  const dead = log.holdOwnerLock();
  await log.append({
    stream: COUNTER,
    expected: 'any',
    events: [{ type: 'counter.added', schema_version: 1, data: { n: 26 } }],
    cause: { actor: 'executor:dead', correlation_id: 'k26' },
    lease: { use: 'claim', owner: dead.owner, ttlMs: 60_000 },
  });
  await dead.close();

  const features = new FeatureIndex([feature]);
  const states = new StreamStates({ log: watched, logger, everyEvents: 7 });
  const living = log.holdOwnerLock();
  const execution = createExecution({
    log: watched,
    states,
    features,
    areas: [{ name: 'counter', executor, policies: [] }],
    commands: () => Promise.reject(new Error('no command is issued here')),
    lookup: createLookup(log, features, states),
    clock: { now: () => '2026-01-01T00:00:00.000Z', close: () => undefined },
    owner: () => living.owner,
    actor: 'executor:living',
    ttlMs: 60_000,
    slots: new Slots(1),
    maxActive: 10,
    appended: () => undefined,
    live: () => undefined,
    askHolder: async () => false,
    logger,
  });
  expect(await execution.rescue()).toBe(1);
  await execution.drain(5_000);
  await states.idle();

  expect(ranges).toEqual([7, 20]);
  const [last] = await log.readStream(COUNTER, { from: 27 });
  expect(last).toMatchObject({ version: 27, data: { n: 1000 }, correlation_id: 'k1', actor: 'executor:living' });
  expect(await log.readSnapshot(COUNTER, 'counter.v1')).toEqual({ version: 27, state: { total: totalOf(26) + 1000 } });
});
