import { AckPolicy, connect, headers, type NatsConnection as StockConnection } from 'nats';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serveCommands } from './command-service.ts';
import { closeMessaging, connectMessaging } from './connect.ts';
import { createEventPublisher } from './event-publisher.ts';
import { publishLive } from './live-topic.ts';
import { publishReplay } from './replay-publisher.ts';
import { ensureStreams } from './stream-config.ts';
import { sequencedEvents } from './testing/events.ts';
import { startNatsServer, type TestNatsServer } from './testing/nats-server.ts';

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const result: T[] = [];
  for await (const item of items) result.push(item);
  return result;
}

/** What users do with the package `nats`, which knows nothing of this library. */
let server: TestNatsServer;
let nc: NatsConnection;
let user: StockConnection;
const log = sequencedEvents(1, 20);

beforeEach(async () => {
  server = await startNatsServer();
  nc = await connectMessaging({ url: server.url, name: 'platform' });
  await ensureStreams(nc);
  user = await connect({ servers: server.url });
  const publisher = createEventPublisher(nc);
  await publisher.resume();
  await publisher.publish(log);
});
afterEach(async () => {
  await user.close();
  await closeMessaging(nc);
  await server.close();
});

test('a durable consumer receives every event in order, with its headers', async () => {
  const manager = await user.jetstreamManager();
  await manager.consumers.add('EVT', { durable_name: 'mine', ack_policy: AckPolicy.Explicit, filter_subject: 'evt.acme.>' });
  const consumer = await user.jetstream().consumers.get('EVT', 'mine');
  const seen = [];
  for await (const message of await consumer.fetch({ max_messages: 20, expires: 2000 })) {
    seen.push({ id: message.headers?.get('Nats-Msg-Id'), position: message.headers?.get('position'), event: message.json<{ id: string }>() });
    message.ack();
  }
  expect(seen.map(({ id }) => id)).toEqual(log.map((event) => event.id));
  expect(seen.map(({ event }) => event.id)).toEqual(log.map((event) => event.id));
  expect(seen.map(({ position }) => Number(position))).toEqual(log.map((event) => event.position));
});

test('an ordered consumer follows one run', async () => {
  const consumer = await user.jetstream().consumers.get('EVT', { filterSubjects: 'evt.acme.run.run-3.>' });
  const positions: number[] = [];
  for await (const message of await consumer.fetch({ max_messages: 2, expires: 2000 })) positions.push(message.json<{ position: number }>().position);
  expect(positions).toEqual([3, 13]);
});

test('a plain subscription sees events as they are published', async () => {
  const subscription = user.subscribe('evt.acme.*.*.node.completed', { max: 1 });
  await user.flush();
  const publisher = createEventPublisher(nc);
  await publisher.resume();
  await publisher.publish(sequencedEvents(21, 21));
  for await (const message of subscription) {
    expect(message.headers?.get('actor')).toBe('user:ada');
    expect(message.json()).toMatchObject({ type: 'node.completed', position: 21 });
  }
});

test('a command is requested with plain JSON and headers, and answered with JSON', async () => {
  const service = serveCommands(nc, {
    commands: { 'run.create': { summary: 'Creates a run.' } },
    handle: async ({ commandId, header }) => ({
      ok: true,
      id: `${commandId}/${header('actor')}`,
      entity: null,
      log: { stream: 'acme/run/r', version: 1, event_id: null },
    }),
  });
  await nc.flush();
  const head = headers();
  head.set('Nats-Msg-Id', 'c1');
  head.set('actor', 'user:bob');
  expect((await user.request('cmd.acme.run.create', JSON.stringify({ app_id: 'a' }), { headers: head, timeout: 2000 })).json()).toMatchObject({
    ok: true,
    id: 'c1/user:bob',
  });
  expect((await user.request('cmd.acme.run.create', '{"a":')).json()).toMatchObject({ ok: false, problem: { status: 400, code: 'json-malformed' } });

  const found = [];
  for await (const info of await user.services.client().info('commands')) found.push(info.endpoints.map(({ subject }) => subject));
  expect(found).toEqual([['cmd.*.run.create']]);
  const [stats] = await all(await user.services.client().stats('commands'));
  expect(stats?.endpoints?.[0]).toMatchObject({ num_requests: 2, num_errors: 1 });
  await service.close();
});

test('a replay and live topics are followed by a plain subscription, and stored nowhere', async () => {
  const subscription = user.subscribe('replay.r1.evt.acme.>', { max: 3 });
  const live = user.subscribe('live.acme.run.run-1.tokens', { max: 1 });
  await user.flush();
  await publishReplay(nc, 'r1', log.slice(0, 3));
  publishLive(nc, { workspace_id: 'acme', category: 'run', stream_id: 'run-1' }, 'tokens', { text: 'hi' });
  const replayed = await all(subscription);
  expect(replayed.map((message) => message.subject)).toEqual(log.slice(0, 3).map(({ position }) => `replay.r1.evt.acme.run.run-${position}.node.completed`));
  expect(replayed[0]?.headers?.get('Nats-Msg-Id')).toBe(log[0]?.id);
  const [first] = await all(live);
  expect(first?.json()).toEqual({ text: 'hi' });
  expect((await (await user.jetstreamManager()).streams.info('EVT')).state.messages).toBe(20);
});
