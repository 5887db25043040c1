import { jetstreamManager } from '@nats-io/jetstream';
import { expect, test } from 'vitest';
import { closeMessaging, connectMessaging } from './connect.ts';
import { createEventPublisher } from './event-publisher.ts';
import { settle } from './settlement.ts';
import { ensureStreams, STREAMS } from './stream-config.ts';
import { sequencedEvents } from './testing/events.ts';
import { startNatsServer } from './testing/nats-server.ts';
import { consumeTriggers } from './trigger-consumer.ts';
import { triggerProgress } from './trigger-progress.ts';

test('progress says what is settled, and what JetStream does not have any more', async () => {
  const server = await startNatsServer();
  const nc = await connectMessaging({ url: server.url, name: 'test' });
  await ensureStreams(nc);
  const progress = async () => {
    const { settled, oldest } = await triggerProgress(nc, ['executor-run', 'nobody']);
    expect(settled.get('nobody')).toBe(0);
    return { settled: settled.get('executor-run'), oldest };
  };
  expect(await progress()).toEqual({ settled: 0, oldest: null });
  const publisher = createEventPublisher(nc);
  await publisher.resume();
  await publisher.publish(sequencedEvents(1, 100));
  expect(await progress()).toEqual({ settled: 0, oldest: 1 });
  const held = Promise.withResolvers<void>();
  const consumer = consumeTriggers(nc, {
    name: 'executor-run',
    subjects: ['evt.*.run.>'],
    handle: async ({ position }) => (position === 51 && (await held.promise), settle.ack),
  });
  await expect.poll(async () => (await progress()).settled).toBe(50);
  held.resolve();
  await expect.poll(async () => (await progress()).settled).toBe(100);
  const manager = await jetstreamManager(nc);
  await manager.streams.purge(STREAMS.events, { seq: 61 });
  expect(await progress()).toEqual({ settled: 100, oldest: 61 });
  await manager.streams.purge(STREAMS.events);
  expect((await progress()).oldest).toBeNull();
  await consumer.close();
  await closeMessaging(nc);
  await server.close();
});
