import { expect, test } from 'vitest';
import type { NewEvent } from '@agent-platform/contracts/kit/index';
import { createMemoryEventLog } from '@agent-platform/event-log/testing/memory-event-log';
import { loadState } from './lookup.ts';
import { StreamStates } from './stream-states.ts';
import { COUNTER, count, counterFeature, totalOf } from './testing/counter.feature.ts';

const feature = counterFeature(1);
const EVERY = 10;

/** A log that tells what was asked of it, and processes on it. */
function setUp() {
  const log = createMemoryEventLog();
  const asked: string[] = [];
  const trouble: string[] = [];
  const faults = { read: false, write: false };
  const fail = (): never => {
    throw new Error('away');
  };
  const watched: ConstructorParameters<typeof StreamStates>[0]['log'] = {
    async readStream(stream, range = {}) {
      const events = await log.readStream(stream, range);
      asked.push(`events ${events[0]?.version ?? 0}-${events.at(-1)?.version ?? 0}`);
      return events;
    },
    async readSnapshot(stream, schema) {
      asked.push('snapshot');
      return faults.read ? fail() : log.readSnapshot(stream, schema);
    },
    async writeSnapshot(stream, schema, version, state) {
      asked.push(`write ${version}`);
      return faults.write ? fail() : log.writeSnapshot(stream, schema, version, state);
    },
  };
  const logger = { debug: () => undefined, info: () => undefined, error: () => undefined, warn: (_: object, message: string) => void trouble.push(message) };
  const process = (more: { remembered?: number } = {}) => new StreamStates({ log: watched, logger, everyEvents: EVERY, ...more });
  /** What a load answers, and all that was asked for it, snapshots written afterwards included. */
  const load = async (states: StreamStates, of = feature) => {
    asked.length = 0;
    const { state, version, first } = await states.load(of, COUNTER);
    await states.idle();
    return { state, version, first: first?.version, asked: [...asked] };
  };
  return { log, asked, trouble, faults, process, load };
}

const whole = (version: number) => ({ state: { total: totalOf(version) }, version, first: 1 });

test('a short stream is one question', async () => {
  const { log, process, load } = setUp();
  await count(log, 1, EVERY - 1);
  const states = process();
  for (let turn = 0; turn < 2; turn++) expect(await load(states)).toEqual({ ...whole(9), asked: ['events 1-9'] });
});

test('a stream that does not exist has the initial state', async () => {
  const { process, load } = setUp();
  expect(await load(process())).toEqual({ state: { total: 0 }, version: 0, first: undefined, asked: ['events 0-0', 'events 0-0'] });
});

test('a long one is folded once from its beginning, and then from its snapshot, by any process', async () => {
  const { log, process, load } = setUp();
  await count(log, 1, 25);
  const states = process();
  expect(await load(states)).toEqual({ ...whole(25), asked: ['events 1-10', 'snapshot', 'events 11-25', 'write 25'] });
  await count(log, 26, 27);
  expect(await load(states)).toEqual({ ...whole(27), asked: ['snapshot', 'events 1-1', 'events 25-27'] });
  // Another process does not know yet that it is long.
  expect(await load(process())).toEqual({ ...whole(27), asked: ['events 1-10', 'snapshot', 'events 25-27'] });
});

test('appends write one too, when enough has come since the last', async () => {
  const { log, asked, process, load } = setUp();
  const states = process();
  for (let version = 1; version <= 230; version++) {
    await count(log, version, version);
    states.grown(feature, COUNTER, whole(version));
    await states.idle();
  }
  // Every ten events, and when these are less than a tenth of the stream, every tenth.
  expect(asked).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 112, 125, 139, 155, 173, 193, 215].map((at) => `write ${at}`));
  expect(await load(states)).toEqual({ ...whole(230), asked: ['snapshot', 'events 1-1', 'events 215-230'] });
});

test('a snapshot of another version of the state is not looked at, and is replaced', async () => {
  const { log, process, load } = setUp();
  await count(log, 1, 25);
  await load(process());
  const next = counterFeature(2);
  expect(await load(process(), next)).toEqual({ ...whole(25), asked: ['events 1-10', 'snapshot', 'events 11-25', 'write 25'] });
  expect(await log.readSnapshot(COUNTER, 'counter.v2')).toMatchObject({ version: 25 });
  expect(await log.readSnapshot(COUNTER, 'counter.v1')).toBeNull();
});

test('a feature that names no version gets none', async () => {
  const { log, process, load } = setUp();
  await count(log, 1, 25);
  expect(await load(process(), counterFeature())).toEqual({ ...whole(25), asked: ['events 1-25'] });
});

test('a snapshot that can’t be read or written costs time, and nothing else', async () => {
  const { log, faults, trouble, process, load } = setUp();
  await count(log, 1, 25);
  const states = process();
  faults.write = true;
  expect(await load(states)).toMatchObject(whole(25));
  expect(trouble).toEqual(['a snapshot could not be written; the next one is due later']);
  faults.write = false;
  await count(log, 26, 40);
  expect(await load(states)).toMatchObject({ ...whole(40), asked: ['snapshot', 'events 1-40', 'write 40'] });
  faults.read = true;
  expect(await load(states)).toMatchObject({ ...whole(40), asked: ['snapshot', 'events 1-40'] });
  expect(trouble.at(-1)).toBe('a snapshot could not be read; folding the stream from its beginning');
});

test('a state that is too large to be kept is not tried again before it has grown', async () => {
  const { log, process, load } = setUp();
  await count(log, 1, 25);
  const { evolve } = feature.decider;
  const initial = { total: 0, text: 'x'.repeat(5_000_000) };
  const large = { ...feature, decider: { ...feature.decider, initial, evolve: (state: object, event: NewEvent) => ({ ...state, ...evolve(state, event) }) } };
  const states = process();
  expect((await load(states, large)).asked).toContain('write 25');
  expect((await load(states, large)).asked).toEqual(['snapshot', 'events 1-25']);
  await count(log, 26, 35);
  expect((await load(states, large)).asked).toEqual(['snapshot', 'events 1-35', 'write 35']);
});

test('a snapshot that is ahead of the log is of another history', async () => {
  const { log, process, load } = setUp();
  await count(log, 1, 25);
  await log.writeSnapshot(COUNTER, 'counter.v1', 99, { total: 666 });
  const states = process();
  expect(await load(states)).toMatchObject(whole(25));
  expect(await load(states)).toMatchObject(whole(25));
});

test('a state of the past, and what the log says, come from events alone', async () => {
  const { log, process, load } = setUp();
  await count(log, 1, 25);
  await load(process());
  await log.writeSnapshot(COUNTER, 'counter.v1', 26, { total: 666 });
  for (const to of [0, 1, 10, 25]) expect(await loadState(log, feature, COUNTER, to)).toMatchObject({ version: to, state: { total: totalOf(to) } });
  expect(await loadState(log, feature, COUNTER)).toMatchObject({ version: 25, state: { total: totalOf(25) } });
});

test('no more than so many long streams are remembered, and no more than so many snapshots wait', async () => {
  const { asked, process } = setUp();
  const states = process({ remembered: 20 });
  const grow = (ids: number, version: number) => {
    for (let id = 0; id < ids; id++) states.grown(feature, { ...COUNTER, stream_id: `c${id}` }, whole(version));
  };
  grow(100, 10);
  await states.idle();
  expect(asked).toHaveLength(16);
  asked.length = 0;
  // Those that were left out, and those that were forgotten, are due at their next event.
  grow(10, 11);
  await states.idle();
  expect(asked).toHaveLength(10);
});
