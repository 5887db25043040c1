import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { closeMessaging, connectMessaging } from './connect.ts';
import { whenConnected } from './connection-status.ts';
import { createEventPublisher } from './event-publisher.ts';
import { consumeLog, type LogBatch, type LogConsumer, type LogConsumerOptions } from './log-consumer.ts';
import { ensureStreams, STREAMS } from './stream-config.ts';
import { sequencedEvents } from './testing/events.ts';
import { startNatsServer, type TestNatsServer } from './testing/nats-server.ts';

let server: TestNatsServer;
let nc: NatsConnection;
const log = sequencedEvents(1, 3000);

beforeEach(async () => {
  server = await startNatsServer();
  nc = await connectMessaging({ url: server.url, name: 'test' });
  await ensureStreams(nc);
});
afterEach(async () => {
  await closeMessaging(nc);
  await server.close();
});

const publish = async (upTo: number) => {
  await whenConnected(nc);
  await ensureStreams(nc);
  const publisher = createEventPublisher(nc);
  const { position } = await publisher.resume();
  await publisher.publish(log.slice(position, upTo));
};
const open = (options: Partial<LogConsumerOptions> = {}) => consumeLog(nc, { name: 'reader', startAfterPosition: 0, batch: 100, ...options });

/** Takes batches, acknowledging each, until a position is reached. */
async function read(batches: AsyncIterator<LogBatch>, upTo: number): Promise<LogBatch[]> {
  const taken: LogBatch[] = [];
  while ((taken.at(-1)?.lastPosition ?? 0) < upTo) {
    const next = await batches.next();
    if (next.done) break;
    next.value.ack();
    taken.push(next.value);
  }
  return taken;
}
const positions = (batches: LogBatch[]) => batches.flatMap((batch) => batch.messages.map((message) => message.position));
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const iterate = (consumer: LogConsumer) => consumer[Symbol.asyncIterator]();

test('delivers every event once, in batches, with what the message says', async () => {
  await publish(1000);
  const consumer = open();
  const batches = await read(iterate(consumer), 1000);
  consumer.close();
  expect(positions(batches)).toEqual(range(1, 1000));
  expect(Math.max(...batches.map((batch) => batch.messages.length))).toBeLessThanOrEqual(100);
  expect(batches.every((batch) => batch.missing === null)).toBe(true);
  const first = batches[0]?.messages[0];
  expect(first).toMatchObject({ position: 1, id: log[0]?.id, type: 'node.completed', json: log[0]?.json, subject: 'evt.acme.run.run-1.node.completed' });
  expect(first?.event()).toEqual(JSON.parse(log[0]?.json ?? ''));
  expect(first?.checked().position).toBe(1);
  expect(first?.header('actor')).toBe('user:ada');
});

test('starts after the checkpoint, and gets what is published later at once', async () => {
  await publish(500);
  const consumer = open({ startAfterPosition: 450 });
  const batches = iterate(consumer);
  expect(positions(await read(batches, 500))).toEqual(range(451, 500));
  const later = read(batches, 510);
  await publish(510);
  expect(positions(await later)).toEqual(range(501, 510));
  consumer.close();
});

test('filters by subject', async () => {
  await publish(100);
  const consumer = open({ filters: ['evt.*.run.run-3.>', 'evt.*.run.run-7.>'] });
  const batches = await read(iterate(consumer), 97);
  expect(positions(batches)).toEqual(range(1, 100).filter((position) => [3, 7].includes(position % 10)));
  consumer.close();
});

test('holds only twice a batch while the caller is slow, and goes on after the acknowledgement', async () => {
  await publish(3000);
  const consumer = open({ batch: 10 });
  const batches = iterate(consumer);
  await batches.next();
  await nc.flush();
  const manager = await jetstreamManager(nc);
  for await (const info of manager.consumers.list(STREAMS.events)) expect(info.num_ack_pending).toBeLessThanOrEqual(20);
  expect(positions(await read(batches, 3000)).at(-1)).toBe(3000);
  consumer.close();
});

test('two readers of one name do not take each other anything', async () => {
  await publish(300);
  const [a, b] = [open(), open()];
  const both = await Promise.all([read(iterate(a), 300), read(iterate(b), 300)]);
  expect(both.map(positions)).toEqual([range(1, 300), range(1, 300)]);
  a.close();
  b.close();
});

test('a hole is told, not skipped: messages before it and after it are in different batches', async () => {
  await publish(50);
  const manager = await jetstreamManager(nc);
  await manager.streams.deleteMessage(STREAMS.events, 20);
  const consumer = open();
  const batches = await read(iterate(consumer), 50);
  expect(batches.find((batch) => batch.missing)?.missing).toEqual({ from: 20, to: 20 });
  expect(batches.find((batch) => batch.missing)?.messages[0]?.position).toBe(21);
  consumer.close();
});

test('first events aged out of the stream: the missing positions are told', async () => {
  await publish(50);
  await (await jetstreamManager(nc)).streams.purge(STREAMS.events, { seq: 31 });
  const consumer = open({ startAfterPosition: 10 });
  const [batch] = await read(iterate(consumer), 50);
  expect(batch?.missing).toEqual({ from: 11, to: 30 });
  consumer.close();
});

test('consumer deleted by somebody: made again, nothing lost', async () => {
  await publish(200);
  const reasons: string[] = [];
  const consumer = open({ onRestart: (reason) => reasons.push(reason) });
  const batches = iterate(consumer);
  await read(batches, 200);
  const manager = await jetstreamManager(nc);
  for await (const info of manager.consumers.list(STREAMS.events)) await manager.consumers.delete(STREAMS.events, info.name);
  await publish(400);
  expect(positions(await read(batches, 400))).toEqual(range(201, 400));
  expect(reasons).toHaveLength(1);
  consumer.close();
});

test('kill -9 of the server: goes on where it was', async () => {
  await publish(200);
  const consumer = open();
  const batches = iterate(consumer);
  await read(batches, 200);
  await server.kill();
  await server.start();
  await publish(400);
  expect(positions(await read(batches, 400))).toEqual(range(201, 400));
  consumer.close();
});

test('store wiped and filled again: no event twice', async () => {
  await publish(200);
  const consumer = open();
  const batches = iterate(consumer);
  await read(batches, 200);
  await server.kill();
  server.wipe();
  await server.start();
  await publish(400);
  expect(positions(await read(batches, 400))).toEqual(range(201, 400));
  consumer.close();
});

test('close ends the iteration', async () => {
  const consumer = open();
  const waiting = iterate(consumer).next();
  consumer.close();
  expect(await waiting).toEqual({ done: true, value: undefined });
});
