import { type AddressInfo, createServer } from 'node:net';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { pokes } from '@agent-platform/contracts/kit/subjects';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { closeMessaging, connectMessaging } from './connect.ts';
import { createEventPublisher } from './event-publisher.ts';
import { messagingHealth } from './lag.ts';
import { type LiveMessage, publishLive, subscribeLive } from './live-topic.ts';
import { onPoke, poke } from './poke.ts';
import { settle } from './settlement.ts';
import { ensureStreams } from './stream-config.ts';
import { sequenceAfter } from './stream-position.ts';
import { eventually } from './testing/eventually.ts';
import { sequencedEvents } from './testing/events.ts';
import { startNatsServer, type TestNatsServer } from './testing/nats-server.ts';
import { consumeTriggers } from './trigger-consumer.ts';

let server: TestNatsServer;
let nc: NatsConnection;

beforeEach(async () => {
  server = await startNatsServer();
  nc = await connectMessaging({ url: server.url, name: 'test' });
});
afterEach(async () => {
  await closeMessaging(nc);
  await server.close();
});

test('no server: a transient failure that names the address', async () => {
  await expect(connectMessaging({ url: 'nats://user:secret@127.0.0.1:1', name: 'x', timeoutMs: 500 })).rejects.toMatchObject({
    kind: 'transient',
    code: 'nats-unreachable',
    message: expect.stringContaining('127.0.0.1:1.') as string,
  });
});

test('streams are as the operator wants them, and are brought up to date when that changes', async () => {
  await ensureStreams(nc, { eventMaxAgeMs: 86_400_000 });
  const manager = await jetstreamManager(nc);
  expect((await manager.streams.info('EVT')).config.max_age).toBe(86_400_000 * 1_000_000);
  await ensureStreams(nc);
  expect((await manager.streams.info('EVT')).config.max_age).toBe(0);
  await expect(ensureStreams(nc, { replicas: 3 })).rejects.toMatchObject({
    code: 'nats-not-clustered',
    message: expect.stringContaining('set AGENT_PLATFORM_NATS_REPLICAS to 1'),
  });
});

test('an old server is refused with what was found and what is needed', async () => {
  const old = createServer((socket) => {
    socket.write('INFO {"server_id":"x","version":"2.9.10","headers":true,"max_payload":1048576,"proto":1}\r\n');
    socket.on('data', (data) => data.includes('PING') && socket.write('PONG\r\n'));
  });
  await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
  const { port } = old.address() as AddressInfo;
  await expect(connectMessaging({ url: `nats://127.0.0.1:${port}`, name: 'x' })).rejects.toMatchObject({
    code: 'nats-too-old',
    message: 'The NATS server is version 2.9.10; needed is 2.12.0 or newer. Upgrade it: older servers ignore stream settings silently.',
  });
  await new Promise((resolve) => old.close(resolve));
});

test('closing twice is fine', async () => {
  await closeMessaging(nc);
  await closeMessaging(nc);
});

test('streams are made once, updated when they differ, and refused when they can not be', async () => {
  await Promise.all([ensureStreams(nc), ensureStreams(nc)]);
  const manager = await jetstreamManager(nc);
  await ensureStreams(nc, { eventMaxAgeMs: 3_600_000 });
  expect((await manager.streams.info('EVT')).config.max_age).toBe(3_600_000_000_000);
  await manager.streams.delete('CMDQ');
  await manager.streams.add({ name: 'CMDQ', subjects: ['cmdq.>'] });
  await expect(ensureStreams(nc)).rejects.toMatchObject({ kind: 'fault', code: 'stream-mismatch' });
});

test('pokes and live topics arrive', async () => {
  let poked = 0;
  const stop = onPoke(nc, pokes.appended, () => poked++);
  const live: LiveMessage[] = [];
  const stream = { workspace_id: 'acme', category: 'run', stream_id: 'r1' };
  const stopLive = subscribeLive(nc, stream, '>', (message) => live.push(message));
  poke(nc, pokes.appended);
  publishLive(nc, stream, 'tokens', { text: 'a' });
  await eventually(() => poked === 1 && live.length === 1);
  expect(live[0]).toMatchObject({ topic: 'tokens', data: { text: 'a' } });
  stop();
  stopLive();
  poke(nc, pokes.appended);
  await nc.flush();
  expect(poked).toBe(1);
});

test('health tells the position, and the lag of every reader', async () => {
  await ensureStreams(nc);
  const publisher = createEventPublisher(nc);
  await publisher.resume();
  await publisher.publish(sequencedEvents(1, 30));
  const consumer = consumeTriggers(nc, {
    name: 'executor',
    subjects: ['evt.>'],
    maxInFlight: 10,
    handle: async ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(settle.retry(1)))),
  });
  await eventually(() => consumer.inFlight === 10);
  const health = await messagingHealth(nc);
  expect(health.position).toBe(30);
  expect(health.consumers.find(({ stream }) => stream === 'EVT')).toMatchObject({ reader: 'executor', pending: 20, unsettled: 10 });
  expect(health.streams.find(({ name }) => name === 'EVT')).toMatchObject({ messages: 30 });
  await consumer.close();
});

test('the start of a consumer is found although positions and sequences drifted apart', async () => {
  await ensureStreams(nc);
  const manager = await jetstreamManager(nc);
  const publisher = createEventPublisher(nc);
  for (const from of [1, 11, 21]) {
    await publisher.resume();
    await publisher.publish(sequencedEvents(from, from + 9));
    nc.publish('evt.acme.a.b.c.d', '{}');
    nc.publish('evt.acme.a.b.c.d', '{}');
    await nc.flush();
  }
  for (const position of [0, 1, 5, 9, 10, 11, 15, 20, 21, 29]) {
    const message = await manager.direct.getMessage('EVT', { next_by_subj: 'evt.acme.run.>', seq: await sequenceAfter(manager, position) });
    expect(Number(message?.header.get('position'))).toBe(position + 1);
  }
  expect(await sequenceAfter(manager, 30)).toBe(37);
});
