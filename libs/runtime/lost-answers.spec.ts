import { beforeEach, expect, test } from 'vitest';
import type { Command, EventEnvelope, NewEvent } from '@agent-platform/contracts/kit/index';
import { createMemoryEventLog } from '@agent-platform/event-log/testing/memory-event-log';
import { type AnyExecutor, defineFeature, Failure } from '@agent-platform/kernel/index';
import { createExecution } from './execute.ts';
import { createLookup, FeatureIndex } from './lookup.ts';
import { Slots } from './slots.ts';
import { StreamStates } from './stream-states.ts';

// An errand is begun, done outside, and then ended. Postgres goes away in the middle.
type State = 'none' | 'made' | 'begun' | 'ended';
const stream = { workspace_id: 'acme', category: 'errand', stream_id: 'e1' };
const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const away = new Failure('transient', 'log-unavailable', 'Postgres does not answer.');

const feature = defineFeature<State, Command, NewEvent>({
  contract: { category: 'errand', events: {}, commands: {}, queries: {}, routes: [] },
  decider: {
    initial: 'none',
    decide({ type }, state) {
      if (type === 'errand.advance') return state === 'made' ? [{ type: 'errand.begun', data: {} }] : [];
      if (type === 'errand.recover') return [{ type: 'errand.begun', data: { again: true } }];
      return state === 'begun' ? [{ type: 'errand.ended', data: {} }] : [];
    },
    evolve: (_state, { type }) => type.slice('errand.'.length) as State,
  },
  view: () => null,
  projections: [],
  queries: {},
});

let done: string[];
let contexts: (() => Promise<null>)[];
const executor: AnyExecutor = {
  category: 'errand',
  triggers: [{ category: 'errand', type: 'errand.made' }],
  wake: (event: EventEnvelope) => ({ stream: { workspace_id: event.workspace_id, category: 'errand', stream_id: event.stream_id } }),
  context: () => contexts.shift()?.() ?? Promise.resolve(null),
  advance: () => ({ type: 'errand.advance', data: {} }),
  recover: (state: State) => (state === 'begun' ? { type: 'errand.recover', data: {} } : null),
  bind: (command) => command,
  effect: (event: NewEvent) => (event.type === 'errand.begun' ? { key: 'k', kind: 'errand', request: event.data, timeoutMs: 10_000 } : null),
  perform: (effect) => {
    done.push(JSON.stringify(effect.request));
    return Promise.resolve({ type: 'errand.record', data: {} });
  },
  wanted: (state: State) => new Set(state === 'begun' ? ['k'] : []),
  ended: (state: State) => state === 'ended',
};

beforeEach(() => {
  done = [];
  contexts = [];
});

/** `lost`: which of the executor's appends are not answered, though they are in the log. */
async function setUp(lost: readonly number[] = []) {
  const log = createMemoryEventLog();
  const cause = { actor: 'user:ann', correlation_id: 'c' };
  await log.append({ stream, expected: 0, events: [{ type: 'errand.made', schema_version: 1, data: {} }], cause });
  let appends = 0;
  const flaky = {
    ...log,
    async append(request: Parameters<typeof log.append>[0]) {
      const result = await log.append(request);
      if (lost.includes(++appends)) throw away;
      return result;
    },
  };
  const features = new FeatureIndex([feature]);
  const states = new StreamStates({ log: flaky, logger });
  const owner = log.holdOwnerLock();
  const execution = createExecution({
    log: flaky,
    states,
    features,
    areas: [{ name: 'errand', executor, policies: [] }],
    commands: () => Promise.reject(new Error('no command is issued here')),
    lookup: createLookup(flaky, features, states),
    clock: { now: () => '2026-01-01T00:00:00.000Z', close: () => undefined },
    owner: () => owner.owner,
    actor: 'executor:e',
    ttlMs: 60_000,
    slots: new Slots(1),
    maxActive: 10,
    appended: () => undefined,
    live: () => undefined,
    askHolder: async () => false,
    logger,
  });
  const [made] = await log.readStream(stream);
  const trigger = () => execution.trigger('errand', made as EventEnvelope);
  const types = async () => (await log.readStream(stream)).map(({ type }) => type.slice('errand.'.length));
  return { execution, trigger, types };
}

test('a trigger that came to nothing is carried out when it comes again', async () => {
  const { trigger, types, execution } = await setUp();
  contexts.push(() => Promise.reject(new Failure('fault', 'definition-missing', 'There is no definition.')));
  await expect(trigger()).rejects.toMatchObject({ code: 'definition-missing' });
  expect(await trigger()).toEqual({ done: true });
  await execution.drain(5_000);
  expect(await types()).toEqual(['made', 'begun', 'ended']);
});

test('what a stream is decided with is asked for again while Postgres is away', async () => {
  const { trigger, types, execution } = await setUp();
  contexts.push(() => Promise.reject(away));
  expect(await trigger()).toEqual({ done: true });
  await execution.drain(5_000);
  expect(await types()).toEqual(['made', 'begun', 'ended']);
});

test('an effect whose beginning is in the log without an answer is begun all the same', async () => {
  const { trigger, types, execution } = await setUp([1]);
  expect(await trigger()).toEqual({ done: true });
  await execution.drain(5_000);
  expect(done).toEqual(['{"again":true}']);
  expect(await types()).toEqual(['made', 'begun', 'begun', 'ended']);
});

test('an outcome that is in the log without an answer ends the stream', async () => {
  const { trigger, types, execution } = await setUp([2]);
  await trigger();
  await execution.drain(5_000);
  expect(done).toEqual(['{}']);
  expect(await types()).toEqual(['made', 'begun', 'ended']);
});
