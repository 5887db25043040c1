import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Failure } from '@agent-platform/kernel/failure';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { whenConnected } from './connection-status.ts';
import { closeMessaging, connectMessaging } from './connect.ts';
import { getDeadLetter, listDeadLetters, redriveDeadLetter, removeDeadLetter } from './dead-letters.ts';
import { createEventPublisher } from './event-publisher.ts';
import { settle } from './settlement.ts';
import { ensureStreams, STREAMS } from './stream-config.ts';
import { eventually } from './testing/eventually.ts';
import { sequencedEvents } from './testing/events.ts';
import { startNatsServer, type TestNatsServer } from './testing/nats-server.ts';
import { consumeTriggers, type TriggerOptions } from './trigger-consumer.ts';
import type { WorkConsumer, WorkOptions } from './work-consumer.ts';
import type { WorkDelivery } from './work-delivery.ts';

let server: TestNatsServer;
let nc: NatsConnection;
let consumers: WorkConsumer[];
const log = sequencedEvents(1, 500);

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

const publish = async (upTo: number) => {
  const publisher = createEventPublisher(nc);
  const { position } = await publisher.resume();
  await publisher.publish(log.slice(position, upTo));
};
const triggers = (handle: WorkOptions['handle'], options: Partial<TriggerOptions> = {}) => {
  const consumer = consumeTriggers(nc, { name: 'executor-run', subjects: ['evt.*.run.>'], handle, ...options });
  consumers.push(consumer);
  return consumer;
};
const info = async (stream: string = STREAMS.events, durable = 'executor-run') => (await jetstreamManager(nc)).consumers.info(stream, durable);
const allAcknowledged = () =>
  eventually(async () => {
    const { num_pending, num_ack_pending } = await info();
    return num_pending === 0 && num_ack_pending === 0;
  });

test('every event reaches one of the processes, and is done when acknowledged', async () => {
  const seen: number[] = [];
  for (let i = 0; i < 3; i++) triggers((delivery) => (seen.push(delivery.position), settle.ack), { maxInFlight: 7 });
  await publish(500);
  await allAcknowledged();
  expect(seen.toSorted((a, b) => a - b)).toEqual(log.map((event) => event.position));
});

test('never more in flight than allowed', async () => {
  let now = 0;
  let most = 0;
  triggers(
    async () => {
      most = Math.max(most, ++now);
      await nc.flush();
      now--;
      return settle.ack;
    },
    { maxInFlight: 5 },
  );
  await publish(200);
  await allAcknowledged();
  expect(most).toBe(5);
});

test('retry comes again after the delay, and counts', async () => {
  const deliveries: number[] = [];
  triggers((delivery) => (deliveries.push(delivery.deliveries), delivery.deliveries < 3 ? settle.retry(20) : settle.ack));
  await publish(1);
  await eventually(() => deliveries.length === 3);
  await allAcknowledged();
  expect(deliveries).toEqual([1, 2, 3]);
});

test('a handler that throws is never acknowledged: a fault is dead at once, with everything about it', async () => {
  triggers(() => {
    throw new Error('boom');
  });
  await publish(1);
  const [letter] = await eventually(
    () => listDeadLetters(nc),
    (letters) => letters.length > 0,
  );
  expect(letter).toMatchObject({
    consumer: 'executor-run',
    subject: 'evt.acme.run.run-1.node.completed',
    message_id: log[0]?.id,
    code: 'internal-fault',
    deliveries: 1,
    payload: log[0]?.json,
  });
  expect(letter?.headers).toMatchObject({ actor: 'user:ada', 'correlation-id': 'request-1', position: '1' });
  await allAcknowledged();
});

test('a transient failure is retried, and dead after so many deliveries', async () => {
  let count = 0;
  triggers(
    async () => {
      count++;
      throw new Failure('transient', 'away', 'The service is away.', { retryAfterSeconds: 0.01 });
    },
    { maxDeliveries: 4 },
  );
  await publish(1);
  const [letter] = await eventually(
    () => listDeadLetters(nc),
    (letters) => letters.length > 0,
  );
  expect(count).toBe(4);
  expect(letter).toMatchObject({ code: 'away', message: 'The service is away.', deliveries: 4 });
});

test('a handler that returns nothing is retried and then dead', async () => {
  const settlements: string[] = [];
  triggers((() => undefined) as unknown as WorkOptions['handle'], { maxDeliveries: 2, onTrouble: (trouble) => settlements.push(trouble.settlement) });
  await publish(1);
  const [letter] = await eventually(
    () => listDeadLetters(nc),
    (letters) => letters.length > 0,
  );
  expect(letter).toMatchObject({ code: 'no-settlement', deliveries: 2 });
  expect(settlements).toEqual(['retry', 'dead']);
});

test('a message nobody ever settled is dead, without being handled again', async () => {
  let handled = 0;
  triggers((delivery) => (handled++, delivery.deliveries === 3 ? settle.ack : settle.working), { maxDeliveries: 2, ackWaitMs: 50 });
  await publish(1);
  const [letter] = await eventually(
    () => listDeadLetters(nc),
    (letters) => letters.length > 0,
  );
  expect(letter?.code).toBe('never-settled');
  expect(handled).toBe(2);
});

test('work in hand is prolonged again and again, each time before the ack wait is over', async () => {
  let prolonged = 0;
  nc.subscribe('$JS.ACK.EVT.executor-run.>', { callback: (_, message) => void (message.string() === '+WPI' && prolonged++) });
  let finish = () => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  triggers(
    async () => {
      await finished;
      return settle.ack;
    },
    { ackWaitMs: 90 },
  );
  await publish(1);
  await eventually(() => prolonged >= 4);
  finish();
  await allAcknowledged();
});

test('what a closed connection had is delivered to another process', async () => {
  const other = await connectMessaging({ url: server.url, name: 'dying' });
  let taken = 0;
  consumeTriggers(other, { name: 'executor-run', subjects: ['evt.*.run.>'], ackWaitMs: 300, handle: () => (taken++, new Promise<never>(() => {})) });
  await publish(3);
  await eventually(() => taken === 3);
  await other.close();
  const seen = new Set<number>();
  triggers((delivery) => (seen.add(delivery.position), settle.ack), { ackWaitMs: 300 });
  await eventually(() => seen.size === 3);
});

test('redrive gives a dead letter to its consumer only, and takes it off the list', async () => {
  let broken = true;
  const seen: WorkDelivery[] = [];
  triggers((delivery) => {
    if (broken) throw new Error('boom');
    seen.push(delivery);
    return settle.ack;
  });
  await publish(2);
  const letters = await eventually(
    () => listDeadLetters(nc, { workspaceId: 'acme' }),
    (found) => found.length === 2,
  );
  expect(await listDeadLetters(nc, { workspaceId: 'other' })).toEqual([]);
  expect(await listDeadLetters(nc, { after: letters[0]?.id ?? 0 })).toHaveLength(1);
  broken = false;
  await redriveDeadLetter(nc, letters[0]?.id ?? 0);
  await eventually(() => seen.length === 1);
  expect(seen[0]).toMatchObject({ subject: letters[0]?.subject, deliveries: 1, text: letters[0]?.payload });
  expect(seen[0]?.header('Nats-Msg-Id')).toBe(letters[0]?.message_id);
  await expect(getDeadLetter(nc, letters[0]?.id ?? 0)).rejects.toMatchObject({ code: 'dead-letter-not-found' });
  await removeDeadLetter(nc, letters[1]?.id ?? 0);
  expect(await listDeadLetters(nc)).toEqual([]);
  expect((await (await jetstreamManager(nc)).streams.info(STREAMS.events)).state.messages).toBe(2);
});

test('redriven and failing again: a dead letter again', async () => {
  triggers(() => {
    throw new Error('boom');
  });
  await publish(1);
  let [letter] = await eventually(
    () => listDeadLetters(nc),
    (found) => found.length === 1,
  );
  const first = letter?.id ?? 0;
  await redriveDeadLetter(nc, first);
  [letter] = await eventually(
    () => listDeadLetters(nc),
    (found) => found.length === 1 && found[0]?.id !== first,
  );
  expect(letter).toMatchObject({ subject: 'evt.acme.run.run-1.node.completed', message_id: log[0]?.id });
});

test('kill -9 of the server with work in flight: every event is handled', async () => {
  const seen = new Set<number>();
  triggers(
    async (delivery) => {
      await nc.flush().catch(() => undefined);
      seen.add(delivery.position);
      return settle.ack;
    },
    { maxInFlight: 10, ackWaitMs: 500 },
  );
  await publish(300);
  await eventually(() => seen.size > 20);
  await server.kill();
  await server.start();
  await eventually(() => seen.size === 300);
  await allAcknowledged();
});

test('after a restart of the server there is as much room as before, when the old handlers have returned', async () => {
  let open = () => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  let now = 0;
  let most = 0;
  const seen = new Set<number>();
  const consumer = triggers(
    async (delivery) => {
      if (!seen.has(delivery.position) && seen.size < 4) {
        seen.add(delivery.position);
        await gate;
        return settle.ack;
      }
      most = Math.max(most, ++now);
      await nc.flush();
      now--;
      seen.add(delivery.position);
      return settle.ack;
    },
    { maxInFlight: 4, ackWaitMs: 500 },
  );
  await publish(50);
  await eventually(() => consumer.inFlight === 4);
  await server.kill();
  await server.start();
  await whenConnected(nc);
  open();
  await eventually(() => seen.size === 50);
  await allAcknowledged();
  expect(most).toBe(4);
});

test('store wiped: the durable is made again after the position the caller names', async () => {
  const seen = new Set<number>();
  triggers((delivery) => (seen.add(delivery.position), settle.ack), { startAfterPosition: async () => Math.max(0, ...seen) });
  await publish(100);
  await eventually(() => seen.size === 100);
  await server.kill();
  server.wipe();
  await server.start();
  seen.delete(100);
  await eventually(() =>
    ensureStreams(nc).then(
      () => true,
      () => false,
    ),
  );
  await publish(120);
  await eventually(() => seen.size === 120);
});
