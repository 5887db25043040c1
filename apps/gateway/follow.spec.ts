import { expect, test } from 'vitest';
import type { EventEnvelope, StreamRef } from '@agent-platform/contracts/kit/index';
import type { EventLog } from '@agent-platform/event-log/event-log';
import { createMemoryEventLog } from '@agent-platform/event-log/testing/memory-event-log';
import { followStream } from './follow.ts';

const stream: StreamRef = { workspace_id: 'acme', category: 'run', stream_id: 'r' };

const append = (log: EventLog, ...types: string[]) =>
  log.append({ stream, expected: 'any', events: types.map((type) => ({ type, schema_version: 1, data: {} })), cause: { actor: 'a', correlation_id: 'c' } });

function watched() {
  const listeners = new Set<() => void>();
  return {
    listeners,
    watch: (_stream: StreamRef, listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    tell: () => listeners.forEach((listener) => listener()),
  };
}

const next = async (events: AsyncGenerator<EventEnvelope>) => (await events.next()).value?.type;

test('what is there comes first, then what is told of, each once and in order', async () => {
  const log = createMemoryEventLog();
  const { watch, tell } = watched();
  await append(log, 'one', 'two');
  const events = followStream(log, watch, stream, 0, new AbortController().signal);
  expect([await next(events), await next(events)]).toEqual(['one', 'two']);
  const coming = next(events);
  await append(log, 'three');
  tell();
  tell();
  expect(await coming).toBe('three');
  await events.return(undefined);
});

test('a stop ends it at once, and nothing is watched any more', async () => {
  const log = createMemoryEventLog();
  const { watch, listeners } = watched();
  const stop = new AbortController();
  const events = followStream(log, watch, stream, 0, stop.signal);
  const coming = events.next();
  await expect.poll(() => listeners.size).toBe(1);
  stop.abort();
  expect(await coming).toMatchObject({ done: true });
  expect(listeners.size).toBe(0);
});
