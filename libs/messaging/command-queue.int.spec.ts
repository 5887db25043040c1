import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { Failure } from '@agent-platform/kernel/failure';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { consumeCommandQueue } from './command-queue.ts';
import { closeMessaging, connectMessaging } from './connect.ts';
import { listDeadLetters } from './dead-letters.ts';
import { settle } from './settlement.ts';
import { ensureStreams, STREAMS } from './stream-config.ts';
import { eventually } from './testing/eventually.ts';
import { startNatsServer, type TestNatsServer } from './testing/nats-server.ts';
import type { WorkConsumer } from './work-consumer.ts';

let server: TestNatsServer;
let nc: NatsConnection;
let consumers: WorkConsumer[];

beforeEach(async () => {
  server = await startNatsServer();
  nc = await connectMessaging({ url: server.url, name: 'test' });
  await ensureStreams(nc);
  consumers = [];
});
afterEach(async () => {
  await Promise.all(consumers.map((consumer) => consumer.close()));
  await closeMessaging(nc);
  await server.close();
});

test('queued commands are handled by one process each and leave the queue', async () => {
  const seen: string[] = [];
  for (let i = 0; i < 2; i++) {
    const consumer = consumeCommandQueue(nc, {
      handle: (delivery) => (
        seen.push(`${delivery.subject} ${delivery.text}`),
        delivery.text === 'bad' ? settle.dead(new Failure('fault', 'bad', 'bad')) : settle.ack
      ),
    });
    consumers.push(consumer);
  }
  const id = headers();
  id.set('Nats-Msg-Id', 'command-1');
  await jetstream(nc).publish('cmdq.acme.run.create', '{}', { headers: id });
  await jetstream(nc).publish('cmdq.acme.run.create', '{}', { headers: id });
  await jetstream(nc).publish('cmdq.acme.run.cancel', 'bad', { msgID: 'command-2' });
  const [letter] = await eventually(
    () => listDeadLetters(nc, { workspaceId: 'acme' }),
    (found) => found.length === 1,
  );
  expect(letter).toMatchObject({ consumer: 'commands', subject: 'cmdq.acme.run.cancel', message_id: 'command-2' });
  expect(seen.toSorted()).toEqual(['cmdq.acme.run.cancel bad', 'cmdq.acme.run.create {}']);
  await eventually(async () => (await (await jetstreamManager(nc)).streams.info(STREAMS.commands)).state.messages === 0);
});
